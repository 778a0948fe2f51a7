from typing import Final

from server.core.rest.rights import MEMBER, SIGNED_IN, STAFF, RightsTable, needs

RIGHTS: Final[RightsTable] = {
    ("GET", "project/{slug}/properties/"): needs("can_read_device_properties"),
    ("POST", "project/{slug}/new_property/"): needs("can_modify_device_properties"),
    ("GET", "project/"): SIGNED_IN,
    ("POST", "project/"): needs("can_manage_org_and_projects"),
    ("POST", "project/new/"): needs("can_manage_org_and_projects"),
    ("GET", "project/{id_or_slug}/"): MEMBER,
    ("PUT", "project/{id_or_slug}/"): needs("can_manage_org_and_projects"),
    ("PATCH", "project/{id_or_slug}/"): needs("can_manage_org_and_projects"),
    ("DELETE", "project/{id_or_slug}/"): STAFF,
    ("GET", "project/{id_or_slug}/extra/"): MEMBER,
}
