"""Who may do what with streamers, reports and the life of devices."""

from typing import Final

from server.core.rest.rights import MEMBER, SIGNED_IN, STAFF, RightsTable, needs

RIGHTS: Final[RightsTable] = {
    ("GET", "dbstats/"): STAFF,
    ("GET", "streamer/"): SIGNED_IN.or_device(),
    ("GET", "streamer/{slug}/"): MEMBER,
    ("GET", "streamer/{slug}/report/"): MEMBER,
    ("GET", "streamer/report/"): SIGNED_IN,
    ("POST", "streamer/report/"): needs("can_create_stream_data")
    .or_api_key("upload")
    .or_device()
    .not_for_staff(),
    ("GET", "streamer/report/{report_id}/"): MEMBER,
    ("GET", "device/{slug}/streamers/"): MEMBER,
    ("POST", "device/{slug}/reset/"): needs("can_reset_device"),
    ("POST", "device/{slug}/unclaim/"): needs("can_claim_devices"),
    ("GET", "device/{slug}/status/"): MEMBER,
    ("GET", "device/{slug}/health/"): MEMBER,
    ("PATCH", "device/{slug}/health/"): needs("can_modify_device"),
    ("GET", "device/{slug}/repair/"): needs("can_modify_device"),
    ("POST", "device/{slug}/repair/"): needs("can_modify_device"),
    ("GET", "device/{slug}/repair/{repair_id}/"): needs("can_modify_device"),
    ("DELETE", "device/{slug}/repair/{repair_id}/"): needs("can_modify_device"),
    ("POST", "device/{slug}/repair/{repair_id}/carry-out/"): needs("can_modify_device"),
    ("POST", "device/{slug}/repair/{repair_id}/undo/"): needs("can_modify_device"),
    ("GET", "device/{slug}/gaps/"): MEMBER,
    ("GET", "device/{slug}/filterlog/"): MEMBER,
}
