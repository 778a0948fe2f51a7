"""Questions about API keys of organisations."""

from django.db.models import Q, QuerySet
from django.utils import timezone

from server.apps.accounts.models import Org, OrgApiKey
from server.core import credentials


def valid_org_key(key: str) -> OrgApiKey | None:
    """`key`: in the clear. Returns it with its organisation; None when it is not valid, has expired
    or was revoked. One query."""
    return live_keys().select_related("org").filter(digest=credentials.digest(key)).first()


def live_keys() -> QuerySet[OrgApiKey]:
    has_not_expired = Q(expires_on=None) | Q(expires_on__gt=timezone.now())
    return OrgApiKey.objects.filter(has_not_expired, revoked_on=None)


def api_keys_of(org: Org) -> QuerySet[OrgApiKey]:
    """Also revoked ones, to show when they were last used."""
    return OrgApiKey.objects.filter(org=org).select_related("created_by")
