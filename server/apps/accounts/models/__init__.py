from server.apps.accounts.models.account import Account
from server.apps.accounts.models.org import Org, OrgMembership
from server.apps.accounts.models.roles import PERMISSIONS, ROLE_NAMES, Role, permissions_of
from server.apps.accounts.models.token import ApiToken

__all__ = [
    "PERMISSIONS",
    "ROLE_NAMES",
    "Account",
    "ApiToken",
    "Org",
    "OrgMembership",
    "Role",
    "permissions_of",
]
