"""Questions about operations and jobs."""

from django.db.models import QuerySet
from django.utils import timezone

from server.apps.activity.models import Operation
from server.core.queue.watching.history import JobStatus, job_status


def all_operations() -> QuerySet[Operation]:
    """Newest first. `accounts` selects those that a person may see."""
    return Operation.objects.select_related("org", "created_by").order_by("-created_on", "-id")


def job_seen_by(pid: str, *, staff: bool) -> JobStatus | None:
    """A job by the id of its message. It belongs to no organisation, so only staff see it. Raises
    Unavailable when the worker log is unavailable."""
    return job_status(pid, now=timezone.now()) if staff else None


def targets_in_progress() -> set[str]:
    """Returns the slugs of what operations are scheduled for or run on."""
    unfinished = [Operation.State.SCHEDULED, Operation.State.RUNNING]
    return set(Operation.objects.filter(state__in=unfinished).values_list("target", flat=True))
