from typing import Final

from server.core.rest.rights import ANYONE, SELF, SIGNED_IN, RightsTable

RIGHTS: Final[RightsTable] = {
    ("GET", "account/"): SIGNED_IN,
    ("POST", "account/"): ANYONE,
    ("GET", "account/{slug}/"): SELF,
    ("PUT", "account/{slug}/"): SELF,
    ("PATCH", "account/{slug}/"): SELF,
    ("DELETE", "account/{slug}/"): SELF,
    ("POST", "account/{slug}/set_password/"): SELF,
}
