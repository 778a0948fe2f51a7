from typing import Final

from server.core.rest.rights import ANYONE, SIGNED_IN, RightsTable

RIGHTS: Final[RightsTable] = {
    ("POST", "auth/login/"): ANYONE,
    ("POST", "auth/logout/"): SIGNED_IN,
    ("GET", "auth/token/"): SIGNED_IN,
    ("POST", "auth/token/"): SIGNED_IN,
    ("GET", "auth/user-info/"): SIGNED_IN,
    ("POST", "auth/password/reset/"): ANYONE,
    ("POST", "auth/api-jwt-auth/"): ANYONE,
    ("POST", "auth/api-jwt-verify/"): ANYONE,
    ("POST", "auth/api-jwt-refresh/"): ANYONE,
}
