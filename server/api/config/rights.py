from typing import Final

from server.core.rest.rights import MEMBER, SIGNED_IN, STAFF, RightsTable, needs

RIGHTS: Final[RightsTable] = {
    ("GET", "config/name/"): SIGNED_IN,
    ("POST", "config/name/"): STAFF,
    ("GET", "config/name/{pk}/"): SIGNED_IN,
    ("PUT", "config/name/{pk}/"): STAFF,
    ("PATCH", "config/name/{pk}/"): STAFF,
    ("DELETE", "config/name/{pk}/"): STAFF,
    # Configuration of an organisation needs can_manage_org_and_projects, your own needs no
    # permission.
    ("GET", "config/attr/"): MEMBER,
    ("POST", "config/attr/"): needs("can_modify_device"),
    ("GET", "config/attr/search/"): MEMBER,
    ("GET", "config/attr/{pk}/"): MEMBER,
    ("PUT", "config/attr/{pk}/"): MEMBER,
    ("PATCH", "config/attr/{pk}/"): MEMBER,
    ("DELETE", "config/attr/{pk}/"): needs("can_modify_device"),
}
