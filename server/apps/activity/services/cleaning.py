"""Delete old operations, changes and security events."""

from datetime import datetime, timedelta
from typing import Final

from server.apps.activity.models import Change, Operation, SecurityEvent

KEEP_OPERATIONS: Final = timedelta(days=90)
GIVEN_UP_AFTER: Final = timedelta(days=2)
"""An operation without an end would look as if it still ran."""
KEEP_CHANGES: Final = timedelta(days=400)
"""For the feed. The audit trail is kept as long as its organisation."""

KEEP_SECURITY_EVENTS: Final = timedelta(days=366)
"""The trigger of their table lets nobody delete one that is younger than 365 days."""


def clean_activity(*, now: datetime) -> None:
    """Idempotent."""
    Operation.objects.filter(finished_on=None, created_on__lt=now - GIVEN_UP_AFTER).update(
        state=Operation.State.FAILED, message="It did not finish.", finished_on=now
    )
    Operation.objects.filter(finished_on__lt=now - KEEP_OPERATIONS).delete()
    Change.objects.filter(audited=False, at__lt=now - KEEP_CHANGES).delete()
    SecurityEvent.objects.filter(at__lt=now - KEEP_SECURITY_EVENTS).delete()
