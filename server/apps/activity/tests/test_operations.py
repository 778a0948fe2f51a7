"""Work that takes longer than a request. The job of these tests does nothing."""

import json
from uuid import UUID

import pytest

from server.apps.activity.models import Operation
from server.apps.activity.services.operations import (
    fail_operation,
    is_finished,
    operation_in_progress,
    start_operation,
)
from server.core.errors import Conflict, Unavailable
from server.core.identified import Identified
from server.core.mail.jobs import SendMail
from server.core.queue import current_queue

pytestmark = pytest.mark.integration


def start(org: Identified[UUID], by: Identified[int]) -> Operation:
    return start_operation(
        org=org, target="d--0000-0000-0000-0081", by=by, job=lambda pid: SendMail([], pid, {})
    )


def refuse() -> None:
    raise Conflict("There are devices in it.")


def test_an_operation_posts_its_job_with_its_pid(acme: Identified[UUID], alice: Identified[int]) -> None:
    operation = start(acme, alice)

    (delivery,) = current_queue().receive(most=10, wait_seconds=0, visible_after_seconds=30)
    assert json.loads(delivery.body)["arguments"]["template"] == str(operation.pk)
    assert operation.state == Operation.State.SCHEDULED


def test_what_ends_well_is_done(acme: Identified[UUID], alice: Identified[int]) -> None:
    operation = start(acme, alice)

    with operation_in_progress(str(operation.pk)) as report_progress:
        report_progress(40, "Half of it.")

    operation.refresh_from_db()
    assert (operation.state, operation.percent, operation.message) == (
        Operation.State.DONE,
        100,
        "Half of it.",
    )
    assert is_finished(str(operation.pk))


def test_an_error_that_a_retry_cannot_mend_ends_it(acme: Identified[UUID], alice: Identified[int]) -> None:
    operation = start(acme, alice)

    with operation_in_progress(str(operation.pk)):
        refuse()

    operation.refresh_from_db()
    assert (operation.state, operation.message) == (Operation.State.FAILED, "There are devices in it.")
    assert operation.finished_on is not None


@pytest.mark.parametrize("state", [Operation.State.DONE, Operation.State.FAILED])
def test_what_has_ended_stays_as_it_ended_when_its_job_is_given_up(
    acme: Identified[UUID], alice: Identified[int], state: Operation.State
) -> None:
    """The worker died after the last transaction, each time before the job was deleted."""
    operation = start(acme, alice)
    Operation.objects.filter(pk=operation.pk).update(state=state, message="As it ended.")

    fail_operation(str(operation.pk))

    operation.refresh_from_db()
    assert (operation.state, operation.message) == (state, "As it ended.")


@pytest.mark.parametrize("state", [Operation.State.SCHEDULED, Operation.State.RUNNING])
def test_what_has_not_ended_fails_when_its_job_is_given_up(
    acme: Identified[UUID], alice: Identified[int], state: Operation.State
) -> None:
    operation = start(acme, alice)
    Operation.objects.filter(pk=operation.pk).update(state=state)

    fail_operation(str(operation.pk))

    operation.refresh_from_db()
    assert operation.state == Operation.State.FAILED
    assert operation.finished_on is not None


def test_an_error_that_a_retry_can_mend_goes_on_to_the_worker(
    acme: Identified[UUID], alice: Identified[int]
) -> None:
    operation = start(acme, alice)

    with pytest.raises(Unavailable), operation_in_progress(str(operation.pk)):
        raise Unavailable("The database is unavailable.")

    operation.refresh_from_db()
    assert operation.state == Operation.State.RUNNING
    assert not is_finished(str(operation.pk))
