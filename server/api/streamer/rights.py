from typing import Final

from server.core.rest.rights import MEMBER, SIGNED_IN, RightsTable, needs

RIGHTS: Final[RightsTable] = {
    ("GET", "streamer/"): SIGNED_IN.or_device(),
    ("GET", "streamer/{slug}/"): MEMBER,
    ("GET", "streamer/{slug}/report/"): MEMBER,
    ("GET", "streamer/report/"): SIGNED_IN,
    ("POST", "streamer/report/"): needs("can_create_stream_data")
    .or_api_key("upload")
    .or_device()
    .not_for_staff(),
    ("GET", "streamer/report/{report_id}/"): MEMBER,
}
