"""Delete ended tokens, JWTs and sessions, and old invitations."""

from datetime import datetime, timedelta
from typing import Final

from server.apps.accounts.models import ApiToken, EndedJwt, Invitation
from server.core.sessions import BrowserSession

KEEP_ENDED_TOKENS: Final = timedelta(days=30)
KEEP_INVITATIONS: Final = timedelta(days=90)


def clean_accounts(*, now: datetime) -> None:
    """Idempotent."""
    ended = now - KEEP_ENDED_TOKENS
    ApiToken.objects.filter(expires_on__lt=ended).delete()
    ApiToken.objects.filter(revoked_on__lt=ended).delete()
    EndedJwt.objects.filter(expires_on__lt=now).delete()
    BrowserSession.objects.filter(expire_date__lt=now).delete()
    Invitation.objects.filter(expires_on__lt=now - KEEP_INVITATIONS).delete()
