from server.apps.accounts.services.accepting import accept_api_token, accept_org_key
from server.apps.accounts.services.accounts import (
    add_member,
    change_profile,
    choose_names,
    create_account,
    create_org,
)
from server.apps.accounts.services.cleaning import clean_accounts
from server.apps.accounts.services.invitations import (
    accept_invitation,
    delete_invitation,
    invite,
    may_sign_up_with,
    resend_invitation,
)
from server.apps.accounts.services.keys import create_org_api_key, revoke_org_api_key
from server.apps.accounts.services.memberships import change_role, join_by_domain, register_member
from server.apps.accounts.services.messages import carry_out_message, message_members
from server.apps.accounts.services.orgs import (
    add_domain,
    change_org,
    delete_org,
    remove_domain,
    verify_domain,
)
from server.apps.accounts.services.people import change_account, erase_account, set_password, sign_up
from server.apps.accounts.services.permissions import sync_permissions
from server.apps.accounts.services.signing import (
    SecondFactorNeeded,
    SignedIn,
    WrongSecondFactor,
    account_with,
    create_api_token,
    is_confirmed,
    issue_jwt,
    proven_account,
    refresh_jwt,
    revoke_api_token,
    revoke_credentials,
    revoke_own_token,
    sign_in,
)
from server.apps.accounts.services.templates import change_org_template, create_org_template

__all__ = [
    "SecondFactorNeeded",
    "SignedIn",
    "WrongSecondFactor",
    "accept_api_token",
    "accept_invitation",
    "accept_org_key",
    "account_with",
    "add_domain",
    "add_member",
    "carry_out_message",
    "change_account",
    "change_org",
    "change_org_template",
    "change_profile",
    "change_role",
    "choose_names",
    "clean_accounts",
    "create_account",
    "create_api_token",
    "create_org",
    "create_org_api_key",
    "create_org_template",
    "delete_invitation",
    "delete_org",
    "erase_account",
    "invite",
    "is_confirmed",
    "issue_jwt",
    "join_by_domain",
    "may_sign_up_with",
    "message_members",
    "proven_account",
    "refresh_jwt",
    "register_member",
    "remove_domain",
    "resend_invitation",
    "revoke_api_token",
    "revoke_credentials",
    "revoke_org_api_key",
    "revoke_own_token",
    "set_password",
    "sign_in",
    "sign_up",
    "sync_permissions",
    "verify_domain",
]
