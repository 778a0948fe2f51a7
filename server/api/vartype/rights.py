from typing import Final

from server.core.rest.rights import SIGNED_IN, STAFF, RightsTable

RIGHTS: Final[RightsTable] = {
    ("GET", "vartype/"): SIGNED_IN.or_api_key("catalogue"),
    ("POST", "vartype/"): STAFF,
    ("GET", "vartype/{slug}/"): SIGNED_IN.or_api_key("catalogue"),
    ("PUT", "vartype/{slug}/"): STAFF,
    ("PATCH", "vartype/{slug}/"): STAFF,
}
