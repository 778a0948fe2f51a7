from typing import Final

from server.core.rest.rights import STAFF, RightsTable

RIGHTS: Final[RightsTable] = {
    ("GET", "dbstats/"): STAFF,
}
