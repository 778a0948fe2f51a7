from typing import Final

from server.core.rest.rights import RightsTable, needs

RIGHTS: Final[RightsTable] = {
    ("GET", "note/"): needs("can_read_notes"),
    ("POST", "note/"): needs("can_access_companion"),
    ("GET", "note/{pk}/"): needs("can_read_notes"),
    ("POST", "note/{pk}/uploadurl/"): needs("can_read_notes"),
    ("POST", "note/{pk}/uploadsuccess/"): needs("can_read_notes"),
}
