from typing import Final

from server.core.rest.rights import MEMBER, SIGNED_IN, STAFF, RightsTable

RIGHTS: Final[RightsTable] = {
    # MEMBER refers to the organisation that owns an entry; built-in and vendors' entries are for
    # everybody.
    ("GET", "sg/"): SIGNED_IN.or_api_key("catalogue"),
    ("POST", "sg/"): STAFF,
    ("GET", "sg/{slug}/"): MEMBER.or_api_key("catalogue"),
    ("PUT", "sg/{slug}/"): STAFF,
    ("PATCH", "sg/{slug}/"): STAFF,
    ("GET", "sg/{slug}/property/"): MEMBER,
    ("POST", "sg/{slug}/property/"): STAFF,
    ("POST", "vartemplate/"): STAFF,
    ("PUT", "vartemplate/{pk}/"): STAFF,
    ("PATCH", "vartemplate/{pk}/"): STAFF,
    ("POST", "widget/"): STAFF,
    ("PUT", "widget/{pk}/"): STAFF,
    ("PATCH", "widget/{pk}/"): STAFF,
}
