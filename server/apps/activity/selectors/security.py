"""Questions about security events."""

from django.db.models import QuerySet

from server.apps.activity.models import SecurityEvent
from server.core.identified import Identified


def security_events_of(account: Identified[int]) -> QuerySet[SecurityEvent]:
    """Newest first."""
    return SecurityEvent.objects.filter(account_id=account.id).order_by("-id")


def all_security_events(*, kind: str = "") -> QuerySet[SecurityEvent]:
    """Newest first. For staff."""
    events = SecurityEvent.objects.select_related("account").order_by("-id")
    return events.filter(kind=kind) if kind else events
