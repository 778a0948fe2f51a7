from typing import Final

from server.core.rest.rights import SIGNED_IN, RightsTable, needs

RIGHTS: Final[RightsTable] = {
    ("GET", "alias/"): SIGNED_IN,
    ("POST", "alias/"): needs("can_manage_stream_aliases"),
    ("GET", "alias/{slug}/"): needs("can_read_stream_ids").or_not_found(),
    ("PUT", "alias/{slug}/"): needs("can_manage_stream_aliases"),
    ("PATCH", "alias/{slug}/"): needs("can_manage_stream_aliases"),
    ("DELETE", "alias/{slug}/"): needs("can_manage_stream_aliases"),
    ("GET", "tap/"): SIGNED_IN,
    ("POST", "tap/"): needs("can_manage_stream_aliases"),
    ("GET", "tap/{pk}/"): needs("can_read_stream_ids").or_not_found(),
    ("PUT", "tap/{pk}/"): needs("can_manage_stream_aliases"),
    ("PATCH", "tap/{pk}/"): needs("can_manage_stream_aliases"),
    ("DELETE", "tap/{pk}/"): needs("can_manage_stream_aliases"),
}
