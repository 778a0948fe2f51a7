from typing import Final

from server.core.rest.rights import SIGNED_IN, RightsTable, needs

RIGHTS: Final[RightsTable] = {
    # Lists by `?filter=` are for every signed-in person and contain what this person may read.
    ("GET", "data/"): SIGNED_IN.or_device(),
    ("POST", "data/"): needs("can_create_stream_data").or_device(),
    ("GET", "df/"): SIGNED_IN.or_device(),
}
