"""What a member made in an organisation that lets somebody in, counted before the member goes."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from server.apps.accounts.models import Account, Invitation, Org, OrgApiKey
from server.apps.accounts.selectors.keys import live_keys
from server.apps.activity.selectors.changes import count_changes_by

TOKEN_ISSUED: Final = "issue-device-token"


@dataclass(frozen=True, slots=True)
class MadeCredentials:
    api_keys: int
    device_tokens: int
    """Issued so lately that they may still be valid: a token is not stored."""
    invitations: int


def credentials_made_by(user: Account, org: Org) -> MadeCredentials:
    now = timezone.now()
    lifetime = timedelta(days=settings.DEVICE_TOKEN_LIFETIME_DAYS)
    sent = Invitation.objects.filter(org=org, sent_by=user, accepted_on=None, expires_on__gt=now)
    return MadeCredentials(
        api_keys=live_keys_made_by(user, org).count(),
        device_tokens=count_changes_by(user, org, event=TOKEN_ISSUED, since=now - lifetime),
        invitations=sent.count(),
    )


def live_keys_made_by(user: Account, org: Org) -> QuerySet[OrgApiKey]:
    return live_keys().filter(org=org, created_by=user)
