"""What nobody can use any more is forgotten."""

from datetime import datetime, timedelta
from typing import Final

from server.apps.accounts.models import ApiToken, Change, Invitation, Operation

KEEP_ENDED_TOKENS: Final = timedelta(days=30)
KEEP_INVITATIONS: Final = timedelta(days=90)
KEEP_OPERATIONS: Final = timedelta(days=90)
GIVEN_UP_AFTER: Final = timedelta(days=2)
"""An operation whose job went to the dead letters would look as if it still ran."""
KEEP_CHANGES: Final = timedelta(days=400)
"""Of the feed. The audit trail is kept as long as its organisation."""


def clean_accounts(*, now: datetime) -> None:
    """Run twice, it finds nothing more."""
    ended = now - KEEP_ENDED_TOKENS
    ApiToken.objects.filter(expires_on__lt=ended).delete()
    ApiToken.objects.filter(revoked_on__lt=ended).delete()
    Invitation.objects.filter(expires_on__lt=now - KEEP_INVITATIONS).delete()
    Operation.objects.filter(finished_on=None, created_on__lt=now - GIVEN_UP_AFTER).update(
        state=Operation.State.FAILED, message="It did not finish.", finished_on=now
    )
    Operation.objects.filter(finished_on__lt=now - KEEP_OPERATIONS).delete()
    Change.objects.filter(audited=False, at__lt=now - KEEP_CHANGES).delete()
