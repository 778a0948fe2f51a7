from server.apps.accounts.models.account import Account
from server.apps.accounts.models.joining import Invitation, OrgDomain
from server.apps.accounts.models.key import OrgApiKey
from server.apps.accounts.models.org import Org, OrgMembership
from server.apps.accounts.models.roles import PERMISSIONS, ROLE_NAMES, Role, permissions_of
from server.apps.accounts.models.template import OrgTemplate
from server.apps.accounts.models.token import ApiToken, EndedJwt

__all__ = [
    "PERMISSIONS",
    "ROLE_NAMES",
    "Account",
    "ApiToken",
    "EndedJwt",
    "Invitation",
    "Org",
    "OrgApiKey",
    "OrgDomain",
    "OrgMembership",
    "OrgTemplate",
    "Role",
    "permissions_of",
]
