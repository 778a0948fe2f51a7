from typing import Final

from server.core.rest.rights import SIGNED_IN, STAFF, RightsTable, needs

RIGHTS: Final[RightsTable] = {
    ("GET", "stream/"): SIGNED_IN,
    ("POST", "stream/"): needs("can_modify_stream_ids"),
    ("GET", "stream/{slug}/"): needs("can_read_stream_data").or_not_found(),
    ("PUT", "stream/{slug}/"): needs("can_modify_stream_ids").or_not_found(),
    ("PATCH", "stream/{slug}/"): needs("can_modify_stream_ids").or_not_found(),
    ("DELETE", "stream/{slug}/"): STAFF,
    ("GET", "stream/{slug}/data/"): needs("can_read_stream_data").or_not_found().or_device(),
    ("GET", "stream/{slug}/stats/"): needs("can_read_stream_data").or_not_found().or_device(),
    ("GET", "stream/{slug}/aggregate/"): needs("can_read_stream_data").or_not_found().or_device(),
    ("GET", "stream/{slug}/csv/"): needs("can_read_stream_data").or_not_found().or_device(),
    ("GET", "stream/{slug}/datatable/"): needs("can_read_stream_data").or_not_found().or_device(),
    ("GET", "stream/{slug}/eventtable/"): needs("can_read_stream_data").or_not_found().or_device(),
}
