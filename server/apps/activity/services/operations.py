"""Operations: work that takes longer than a request, scheduled by a service, run by an Action,
followed by its pid."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from server.apps.activity.models import Operation
from server.apps.activity.services.changes import Verb, record_change
from server.core.errors import FieldlineError
from server.core.identified import Identified
from server.core.queue import JobPayload, enqueue

ReportProgress = Callable[[int, str], None]
"""Takes how far the work is: percent, and a sentence about it."""


@transaction.atomic
def start_operation(
    *, org: Identified[UUID], target: str, by: Identified[int], job: Callable[[str], JobPayload]
) -> Operation:
    """`job` builds the payload from the operation's id. Part of the caller's transaction."""
    operation = Operation(org_id=org.id, target=target, created_by_id=by.id)
    payload = job(str(operation.pk))
    operation.kind = payload.action
    operation.save(force_insert=True)
    enqueue(payload, org=org.id)
    return operation


@transaction.atomic
def start_audited_operation(
    *,
    org: Identified[UUID],
    kind: str,
    target: str,
    by: Identified[int],
    job: Callable[[str], JobPayload],
    details: Mapping[str, Any] | None = None,
) -> Operation:
    """As `start_operation`, with a row in the audit trail. `kind`: of the target."""
    operation = start_operation(org=org, target=target, by=by, job=job)
    record_change(
        org=org,
        kind=kind,
        ref=target,
        verb=Verb.CHANGED,
        event=operation.kind,
        by=by,
        audited=True,
        details=dict(details or {}),
    )
    return operation


def is_finished(pid: str) -> bool:
    """A job may be delivered twice; a finished operation is not run again."""
    return not Operation.objects.filter(
        pk=pid, state__in=[Operation.State.SCHEDULED, Operation.State.RUNNING]
    ).exists()


def finish_operation(pid: str, message: str = "") -> None:
    """Call it in the work's last transaction: a worker that dies right after that has nothing left
    to repeat."""
    _update(pid, state=Operation.State.DONE, percent=100, message=message[:300], finished_on=timezone.now())


def fail_operation(pid: str) -> None:
    """For an operation whose job is a dead letter. Operators find the reason there; the creator
    gets a general message."""
    unfinished = [Operation.State.SCHEDULED, Operation.State.RUNNING]
    Operation.objects.filter(pk=pid, state__in=unfinished).update(
        state=Operation.State.FAILED,
        message="Something went wrong on our side. The operators can see the reason.",
        finished_on=timezone.now(),
    )


@contextmanager
def operation_in_progress(pid: str) -> Iterator[ReportProgress]:
    """Around the work of an operation. An error that a retry cannot fix marks it failed, with the
    error's message, and ends here; other errors go on to the worker, which retries.
    """
    _update(pid, state=Operation.State.RUNNING)
    try:
        yield lambda percent, message: _update(pid, percent=percent, message=message)
    except FieldlineError as error:
        if error.retry:
            raise
        _update(pid, state=Operation.State.FAILED, message=error.message[:300], finished_on=timezone.now())
        return
    _update(pid, state=Operation.State.DONE, percent=100, finished_on=timezone.now())


def _update(pid: str, **fields: str | int | datetime) -> None:
    """Visible at once outside of the work's transaction, inside with its commit."""
    Operation.objects.filter(pk=pid).update(**fields)
