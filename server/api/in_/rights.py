from typing import Final

from server.core.rest.rights import DEVICE_ONLY, RightsTable

RIGHTS: Final[RightsTable] = {
    ("POST", "in/"): DEVICE_ONLY,
    ("GET", "in/"): DEVICE_ONLY,
    ("POST", "in/{key_id}/"): DEVICE_ONLY,
}
