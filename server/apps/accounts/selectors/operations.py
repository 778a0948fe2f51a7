"""Operations: what became of work that takes longer than a request."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from server.apps.accounts.models import Operation
from server.apps.accounts.selectors.accounts import Person, is_member
from server.core.queue.watching.history import JobSeen, job_seen


def operations_of(user: Person, *, staff: bool = False) -> QuerySet[Operation]:
    """Of the user's organisations, the newest first; `staff`: all there are."""
    condition = Q() if staff else Q(is_member(user))
    return (
        Operation.objects.filter(condition).select_related("org", "created_by").order_by("-created_on", "-id")
    )


def operation_seen_by(user: Person, pid: str, *, staff: bool = False) -> Operation | None:
    try:
        number = UUID(pid)
    except ValueError:
        return None
    return operations_of(user, staff=staff).filter(pk=number).first()


def job_seen_by(pid: str, *, staff: bool) -> JobSeen | None:
    """A job by the id of its message. It belongs to nobody, so only staff see it. Raises Unavailable when the worker log is
    away."""
    return job_seen(pid, now=timezone.now()) if staff else None


def targets_at_work() -> set[str]:
    """What an operation is scheduled for or works on now, by slug."""
    unfinished = [Operation.State.SCHEDULED, Operation.State.RUNNING]
    return set(Operation.objects.filter(state__in=unfinished).values_list("target", flat=True))
