"""Authenticate callers by the API credentials of a request, and record their use."""

from server.apps.accounts.models import Account, ApiToken, OrgApiKey
from server.apps.accounts.selectors.accounts import valid_api_token
from server.apps.accounts.selectors.keys import valid_org_key
from server.core import credentials


def authenticate_api_token(token: str) -> Account | None:
    """Returns the holder of the token; None when it is not valid. One query, sometimes a second one
    to record the use."""
    found = valid_api_token(token)
    if found is None:
        return None
    credentials.record_use(ApiToken.objects.filter(pk=found.pk), last_used_on=found.last_used_on)
    return found.user


def authenticate_org_key(key: str) -> OrgApiKey | None:
    """Returns the key; None when it is not valid. One query, sometimes a second one to record the
    use."""
    found = valid_org_key(key)
    if found is not None:
        credentials.record_use(OrgApiKey.objects.filter(pk=found.pk), last_used_on=found.last_used_on)
    return found
