from typing import Final

from server.core.rest.rights import SIGNED_IN, RightsTable, needs

RIGHTS: Final[RightsTable] = {
    # A member who may not open a data block gets 404.
    ("GET", "datablock/{slug}/properties/"): needs("can_read_device_properties").or_not_found(),
    ("POST", "datablock/{slug}/new_property/"): needs("can_modify_device_properties").or_not_found(),
    ("GET", "datablock/"): SIGNED_IN,
    ("POST", "datablock/"): needs("can_create_datablock"),
    ("GET", "datablock/datatable/"): SIGNED_IN,
    ("GET", "datablock/{slug}/"): needs("can_access_datablock").or_not_found(),
    ("PUT", "datablock/{slug}/"): needs("can_access_datablock").or_not_found(),
    ("PATCH", "datablock/{slug}/"): needs("can_access_datablock").or_not_found(),
    ("DELETE", "datablock/{slug}/"): needs("can_delete_datablock").where_visible_with("can_access_datablock"),
    ("GET", "datablock/{slug}/extra/"): needs("can_access_datablock").or_not_found(),
    ("GET", "datablock/{slug}/mask/"): needs("can_access_datablock").or_not_found(),
    ("PATCH", "datablock/{slug}/mask/"): needs("can_reset_device").where_visible_with("can_access_datablock"),
    ("DELETE", "datablock/{slug}/mask/"): needs("can_reset_device").where_visible_with(
        "can_access_datablock"
    ),
}
