from typing import Final

from server.core.rest.rights import API_KEY_ONLY, STAFF, RightsTable

RIGHTS: Final[RightsTable] = {
    ("POST", "key/"): STAFF,
    ("GET", "production/device/"): API_KEY_ONLY.or_api_key("production"),
    ("GET", "production/device/{slug}/"): API_KEY_ONLY.or_api_key("production"),
    ("POST", "production/device/create_virtual/"): API_KEY_ONLY.or_api_key("virtual-devices"),
}
