from typing import Final

from server.core.rest.rights import MEMBER, SIGNED_IN, RightsTable, needs

RIGHTS: Final[RightsTable] = {
    ("GET", "property/"): needs("can_read_device_properties"),
    ("POST", "property/"): needs("can_modify_device_properties"),
    ("GET", "property/{pk}/"): needs("can_read_device_properties"),
    ("PUT", "property/{pk}/"): needs("can_modify_device_properties"),
    ("PATCH", "property/{pk}/"): needs("can_modify_device_properties"),
    ("DELETE", "property/{pk}/"): needs("can_modify_device_properties"),
    ("GET", "propertytemplate/"): SIGNED_IN,
    ("POST", "propertytemplate/"): needs("can_manage_org_and_projects"),
    ("GET", "propertytemplate/{pk}/"): MEMBER,
    ("PUT", "propertytemplate/{pk}/"): needs("can_manage_org_and_projects"),
    ("PATCH", "propertytemplate/{pk}/"): needs("can_manage_org_and_projects"),
    ("DELETE", "propertytemplate/{pk}/"): needs("can_manage_org_and_projects"),
    ("GET", "propertytemplate/{pk}/enum/"): MEMBER,
    ("POST", "propertytemplate/{pk}/enum/"): needs("can_manage_org_and_projects"),
    ("DELETE", "propertytemplate/{pk}/enum/"): needs("can_manage_org_and_projects"),
}
