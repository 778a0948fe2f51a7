from server.apps.accounts.services.accounts import (
    SignedIn,
    account_with,
    add_member,
    change_profile,
    create_account,
    create_api_token,
    create_org,
    issue_jwt,
    refresh_jwt,
    revoke_api_token,
    revoke_credentials,
    sign_in,
)
from server.apps.accounts.services.changes import Verb, note_change
from server.apps.accounts.services.cleaning import clean_accounts
from server.apps.accounts.services.mail import mail, send_mail
from server.apps.accounts.services.operations import Progress, carrying_out, finished, start_operation

__all__ = [
    "Progress",
    "SignedIn",
    "Verb",
    "account_with",
    "add_member",
    "carrying_out",
    "change_profile",
    "clean_accounts",
    "create_account",
    "create_api_token",
    "create_org",
    "finished",
    "issue_jwt",
    "mail",
    "note_change",
    "refresh_jwt",
    "revoke_api_token",
    "revoke_credentials",
    "send_mail",
    "sign_in",
    "start_operation",
]
