"""Who may do what with the catalogue, projects and devices."""

from typing import Final

from server.core.rest.rights import API_KEY_ONLY, MEMBER, SIGNED_IN, STAFF, RightsTable, needs

RIGHTS: Final[RightsTable] = {
    # The catalogue: MEMBER means the organisation that owns an entry; built-in and vendors' ones are for everybody.
    ("GET", "component/"): SIGNED_IN,
    ("POST", "component/"): STAFF,
    ("GET", "component/{slug}/"): MEMBER,
    ("PUT", "component/{slug}/"): STAFF,
    ("PATCH", "component/{slug}/"): STAFF,
    ("GET", "dt/"): SIGNED_IN.or_api_key("catalogue"),
    ("POST", "dt/"): STAFF,
    ("GET", "dt/{slug}/"): MEMBER.or_api_key("catalogue"),
    ("PUT", "dt/{slug}/"): STAFF,
    ("PATCH", "dt/{slug}/"): STAFF,
    ("GET", "dt/{slug}/slot/"): MEMBER.or_api_key("catalogue"),
    ("POST", "dt/{slug}/slot/"): STAFF,
    ("GET", "pt/"): SIGNED_IN,
    ("POST", "pt/"): STAFF,
    ("GET", "pt/{slug}/"): MEMBER,
    ("PUT", "pt/{slug}/"): STAFF,
    ("PATCH", "pt/{slug}/"): STAFF,
    # What a device is made of
    ("GET", "device/{slug}/template/"): MEMBER,
    ("GET", "device/{slug}/versions/"): MEMBER,
    ("GET", "device/{slug}/key/"): needs(
        "can_create_stream_data"
    ),  # of a token; other keys: can_modify_device
    # Production
    ("POST", "key/"): STAFF,
    ("GET", "production/device/"): API_KEY_ONLY.or_api_key("production"),
    ("GET", "production/device/{slug}/"): API_KEY_ONLY.or_api_key("production"),
    ("POST", "production/device/create_virtual/"): API_KEY_ONLY.or_api_key("virtual-devices"),
}
