"""Work that takes longer than a request: scheduled by a service, run by an Action, looked at by its pid."""

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
    """`job` makes the payload from the operation's id."""
    operation = Operation(org_id=org.id, target=target, created_by_id=by.id)
    payload = job(str(operation.pk))
    operation.kind = payload.action
    operation.save(force_insert=True)
    enqueue(payload)
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
    """Also writes the row of the audit trail. `kind`: of the target."""
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
    """A job may come twice; what is done is not done again."""
    return not Operation.objects.filter(
        pk=pid, state__in=[Operation.State.SCHEDULED, Operation.State.RUNNING]
    ).exists()


def finish_operation(pid: str, message: str = "") -> None:
    """As part of the work's last transaction: a worker that dies right after it has nothing left to repeat."""
    _update(pid, state=Operation.State.DONE, percent=100, message=message[:300], finished_on=timezone.now())


def fail_operation(pid: str) -> None:
    """Its job went to the dead letters. Operators find there what went wrong; it is nothing to tell who asked for it."""
    unfinished = [Operation.State.SCHEDULED, Operation.State.RUNNING]
    Operation.objects.filter(pk=pid, state__in=unfinished).update(
        state=Operation.State.FAILED,
        message="Something went wrong on our side. The operators can see what.",
        finished_on=timezone.now(),
    )


@contextmanager
def operation_in_progress(pid: str) -> Iterator[ReportProgress]:
    """Around the work of an operation. An error that a retry cannot mend marks it failed, with its message, and ends here;
    others go on to the worker, which tries again.
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
    """Outside of the work's own transaction this is seen at once; inside, with its commit."""
    Operation.objects.filter(pk=pid).update(**fields)
