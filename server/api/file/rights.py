from typing import Final

from server.core.rest.rights import ANYONE, SIGNED_IN, RightsTable

RIGHTS: Final[RightsTable] = {
    ("POST", "file/upload/"): ANYONE,
    ("GET", "file/{file_id}/"): ANYONE,
    ("POST", "s3file/sign/"): SIGNED_IN,
}
