from typing import Final

from server.core.rest.rights import ANYONE, SIGNED_IN, RightsTable, needs

RIGHTS: Final[RightsTable] = {
    # Lists by `?filter=` are for every signed-in person and contain what this person may read.
    ("GET", "event/"): SIGNED_IN.or_device(),
    ("POST", "event/"): needs("can_create_stream_data").or_device(),
    ("POST", "event/upload/"): needs("can_create_stream_data").or_device(),
    ("GET", "event/{event_id}/"): needs("can_read_stream_data").or_not_found().or_device(),
    ("PATCH", "event/{event_id}/"): needs("can_create_stream_data"),
    ("GET", "event/{event_id}/data/"): needs("can_read_stream_data").or_not_found().or_device(),
    ("GET", "event/{event_id}/url/"): needs("can_read_stream_data").or_not_found().or_device(),
    ("GET", "event/file/{token}/"): ANYONE,
}
