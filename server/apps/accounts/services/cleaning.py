"""What nobody can use any more is forgotten."""

from datetime import datetime, timedelta
from typing import Final

from server.apps.accounts.models import ApiToken, Change, Invitation, Operation, StoredFile
from server.core.storage import delete_object

KEEP_ENDED_TOKENS: Final = timedelta(days=30)
KEEP_INVITATIONS: Final = timedelta(days=90)
KEEP_OPERATIONS: Final = timedelta(days=90)
GIVEN_UP_AFTER: Final = timedelta(days=2)
"""An operation whose job went to the dead letters would look as if it still ran."""
KEEP_CHANGES: Final = timedelta(days=400)
"""Of the feed. The audit trail is kept as long as its organisation."""
KEEP_PROMISES: Final = timedelta(days=1)
"""Of files that were never brought; the form to bring one is good for hours."""


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
    _forget_promises(now - KEEP_PROMISES)


def _forget_promises(before: datetime) -> None:
    """The bytes may have come, and only the word that they did is missing."""
    for file in StoredFile.objects.filter(uploaded_on=None, created_on__lt=before):
        delete_object(file.object_key)
        file.delete()
