from typing import Final

from server.core.rest.rights import MEMBER, SIGNED_IN, STAFF, RightsTable

RIGHTS: Final[RightsTable] = {
    # MEMBER refers to the organisation that owns an entry; built-in and vendors' entries are for
    # everybody.
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
}
