from typing import Final

from server.core.rest.rights import SIGNED_IN, STAFF, RightsTable

RIGHTS: Final[RightsTable] = {
    ("GET", "ot/"): SIGNED_IN,
    ("GET", "ot/{slug}/"): SIGNED_IN,
    ("POST", "ot/"): STAFF,
    ("PUT", "ot/{slug}/"): STAFF,
    ("PATCH", "ot/{slug}/"): STAFF,
}
