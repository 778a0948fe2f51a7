from typing import Final

from server.core.rest.rights import MEMBER, SIGNED_IN, STAFF, RightsTable, needs

RIGHTS: Final[RightsTable] = {
    ("GET", "variable/"): SIGNED_IN,
    ("POST", "variable/"): needs("can_modify_stream_ids"),
    ("GET", "variable/{slug}/"): MEMBER,
    ("PUT", "variable/{slug}/"): needs("can_modify_stream_ids"),
    ("PATCH", "variable/{slug}/"): needs("can_modify_stream_ids"),
    ("DELETE", "variable/{slug}/"): STAFF,
    ("GET", "variable/{slug}/type/"): MEMBER,
}
