from typing import Final

from server.core.rest.rights import SIGNED_IN, RightsTable

RIGHTS: Final[RightsTable] = {
    ("GET", "operation/"): SIGNED_IN,
    ("POST", "pid/"): SIGNED_IN,
}
