from typing import Final

from server.core.rest.rights import RightsTable, needs

RIGHTS: Final[RightsTable] = {
    ("GET", "changes/"): needs("can_read_stream_ids"),
}
