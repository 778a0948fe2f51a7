from typing import Final

from server.core.rest.rights import RightsTable, needs

RIGHTS: Final[RightsTable] = {
    ("GET", "location/"): needs("can_read_device_locations"),
    ("POST", "location/"): needs("can_access_companion"),
    ("GET", "location/{pk}/"): needs("can_read_device_locations"),
}
