"""Operations: what became of work that takes longer than a request."""

from django.db.models import QuerySet
from django.utils import timezone

from server.apps.activity.models import Operation
from server.core.queue.watching.history import JobSeen, job_seen


def all_operations() -> QuerySet[Operation]:
    """Of everybody, the newest first. Which of them a person sees is asked of `accounts`."""
    return Operation.objects.select_related("org", "created_by").order_by("-created_on", "-id")


def job_seen_by(pid: str, *, staff: bool) -> JobSeen | None:
    """A job by the id of its message. It belongs to nobody, so only staff see it. Raises Unavailable when the worker log is
    away."""
    return job_seen(pid, now=timezone.now()) if staff else None


def targets_in_progress() -> set[str]:
    """What an operation is scheduled for or works on now, by slug."""
    unfinished = [Operation.State.SCHEDULED, Operation.State.RUNNING]
    return set(Operation.objects.filter(state__in=unfinished).values_list("target", flat=True))
