"""Who holds an API key of an organisation, and which keys it has."""

from datetime import timedelta
from typing import Final

from django.db.models import Q, QuerySet
from django.utils import timezone

from server.apps.accounts.models import Org, OrgApiKey
from server.core import credentials

_USE_IS_NOTED_EVERY: Final = timedelta(minutes=5)


def bearer_of_org_key(key: str) -> OrgApiKey | None:
    """The key as it was shown once; None when it is not valid, has expired or was revoked. One query."""
    now = timezone.now()
    found = (
        OrgApiKey.objects.select_related("org")
        .filter(Q(expires_on=None) | Q(expires_on__gt=now), digest=credentials.digest(key), revoked_on=None)
        .first()
    )
    if found is None:
        return None
    if found.last_used_on is None or now - found.last_used_on > _USE_IS_NOTED_EVERY:
        OrgApiKey.objects.filter(pk=found.pk).update(last_used_on=now)
    return found


def api_keys_of(org: Org) -> QuerySet[OrgApiKey]:
    """Revoked ones too, so that one can see when they were last used."""
    return OrgApiKey.objects.filter(org=org).select_related("created_by")
