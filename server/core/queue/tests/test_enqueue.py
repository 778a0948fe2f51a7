"""Posting a job: in the caller's transaction, through the outbox, or inline."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from server.core.errors import Unavailable
from server.core.queue import current_queue, enqueue, message_of, set_inline_runner, sweep_outbox
from server.core.queue import posting as posting_module
from server.core.queue.backends.memory import MemoryQueue
from server.core.queue.contract import MAX_BATCH, MAX_BODY_BYTES, JobTooLarge, Message
from server.core.queue.models import Job, OutboxMessage
from server.core.queue.outbox import SWEEP_AFTER_S, post, sweep
from server.core.queue.tests.fixtures import take, take_surely
from server.core.queue.wire import decode


@dataclass(frozen=True, slots=True)
class Count:
    action: ClassVar[str] = "count"

    upto: int
    names: tuple[str, ...] = ()

    @property
    def order_key(self) -> str:
        return f"upto {self.upto}"


class UnavailableQueue(MemoryQueue):
    """A queue that does not answer."""

    def send(self, messages: object, *, delay_seconds: int = 0) -> None:
        raise Unavailable("unavailable")


class Roll(Exception):
    """Ends a transaction of a test."""


@pytest.fixture
def outside() -> MemoryQueue:
    """A queue that is not in the core database."""
    return MemoryQueue(transactional=False)


def test_a_job_becomes_a_message() -> None:
    made = message_of(Count(upto=3, names=("a",)))

    assert (made.action, made.key) == ("count", "upto 3")
    assert made.arguments == {"upto": 3, "names": ("a",)}


def test_each_message_has_an_id_of_its_own() -> None:
    assert message_of(Count(3)).id != message_of(Count(3)).id


def test_enqueue_returns_the_id_of_its_message(settings: Settings) -> None:
    settings.QUEUE_BACKEND = "memory"

    identifier = enqueue(Count(upto=3))

    delivery = take_surely(current_queue())
    current_queue().delete(delivery)
    assert delivery.message is not None
    assert delivery.message.id == identifier


@pytest.mark.parametrize("delay_seconds", [-1, 901])
def test_a_delay_that_no_queue_can_keep_is_refused(delay_seconds: int) -> None:
    with pytest.raises(ValueError, match="0 to 900"):
        enqueue(Count(3), delay_seconds=delay_seconds)


def test_an_unknown_back_end_is_named(settings: Settings) -> None:
    settings.QUEUE_BACKEND = "pigeons"

    with pytest.raises(ImproperlyConfigured, match="pigeons"):
        current_queue()


@pytest.mark.integration
@pytest.mark.usefixtures("queue_tables")
def test_with_the_postgres_queue_a_job_is_there_when_its_transaction_is(settings: Settings) -> None:
    settings.QUEUE_BACKEND = "postgres"

    with transaction.atomic():
        enqueue(Count(upto=3))
        with _rolled_back():
            enqueue(Count(upto=4))

    [job] = Job.objects.all()
    sent = decode(job.body)
    assert sent is not None
    assert (sent.arguments, job.key, OutboxMessage.objects.count()) == ({"upto": 3, "names": []}, "upto 3", 0)


@pytest.mark.integration
@pytest.mark.usefixtures("queue_tables")
def test_with_sqs_a_job_goes_out_on_commit(settings: Settings, sqs_endpoint: str) -> None:
    settings.QUEUE_BACKEND, settings.SQS_URL, settings.SQS_QUEUE_NAME = "sqs", sqs_endpoint, "on-commit"

    with transaction.atomic():
        enqueue(Count(upto=3))
        early = take(current_queue())

    assert early is None
    assert take_surely(current_queue()).message is not None
    assert OutboxMessage.objects.filter(sent_on=None).count() == 0


@pytest.mark.integration
@pytest.mark.usefixtures("queue_tables")
def test_nothing_goes_out_when_the_transaction_rolls_back(outside: MemoryQueue) -> None:
    with _rolled_back():
        post(outside, _with_uuid(), delay_seconds=0)

    assert (take(outside), OutboxMessage.objects.count()) == (None, 0)


@pytest.mark.integration
@pytest.mark.usefixtures("queue_tables")
def test_an_unavailable_queue_is_not_the_callers_problem() -> None:
    with transaction.atomic():
        post(UnavailableQueue(transactional=False), _with_uuid(), delay_seconds=0)

    assert OutboxMessage.objects.count() == 1


@pytest.mark.integration
@pytest.mark.usefixtures("queue_tables")
def test_the_sweeper_sends_what_was_left(outside: MemoryQueue) -> None:
    left = _left_in_the_outbox(delay_seconds=0)

    swept = sweep(outside, limit=10)

    assert (swept, take_surely(outside).message, OutboxMessage.objects.count()) == (1, left, 0)


@pytest.mark.integration
@pytest.mark.usefixtures("queue_tables")
def test_the_sweeper_keeps_what_is_left_of_a_delay(outside: MemoryQueue) -> None:
    _left_in_the_outbox(delay_seconds=600)

    sweep(outside, limit=10)

    assert (take(outside), outside.depth().waiting) == (None, 1)


@pytest.mark.integration
@pytest.mark.usefixtures("queue_tables")
def test_the_sweeper_leaves_a_fresh_row_to_who_wrote_it(outside: MemoryQueue) -> None:
    with transaction.atomic():
        post(UnavailableQueue(transactional=False), _with_uuid(), delay_seconds=0)

    assert sweep(outside, limit=10) == 0


@pytest.mark.integration
@pytest.mark.usefixtures("queue_tables")
def test_the_sweeper_loses_nothing_while_the_queue_is_unavailable() -> None:
    _left_in_the_outbox(delay_seconds=0)

    with pytest.raises(Unavailable):
        sweep(UnavailableQueue(), limit=10)

    assert OutboxMessage.objects.count() == 1


class UnavailableAfterOneBatch(MemoryQueue):
    """Takes one batch, and then does not answer."""

    taken: int = 0

    def send(self, messages: Sequence[Message], *, delay_seconds: int = 0) -> None:
        if self.taken:
            raise Unavailable("unavailable")
        self.taken = len(messages)


@pytest.mark.integration
@pytest.mark.usefixtures("queue_tables")
def test_what_the_sweeper_has_sent_is_not_sent_again_after_an_outage_in_the_middle() -> None:
    for _ in range(MAX_BATCH + 2):
        _left_in_the_outbox(delay_seconds=0)
    queue = UnavailableAfterOneBatch(transactional=False)

    with pytest.raises(Unavailable):
        sweep(queue, limit=100)

    assert (queue.taken, OutboxMessage.objects.count()) == (MAX_BATCH, 2)


@pytest.mark.integration
@pytest.mark.usefixtures("queue_tables")
@pytest.mark.parametrize("backend", ["postgres", "sqs", "memory"])
def test_a_job_that_is_too_large_is_refused_when_it_is_posted(settings: Settings, backend: str) -> None:
    """Even where the job would not have to cross a queue."""
    settings.QUEUE_BACKEND = backend
    job = Count(upto=3, names=("x" * MAX_BODY_BYTES,))

    with pytest.raises(JobTooLarge, match="'count'"), transaction.atomic():
        enqueue(job)

    assert (Job.objects.count(), OutboxMessage.objects.count()) == (0, 0)


@pytest.mark.integration
@pytest.mark.usefixtures("queue_tables")
def test_the_sweeper_takes_no_more_than_its_limit(outside: MemoryQueue) -> None:
    for _ in range(3):
        _left_in_the_outbox(delay_seconds=0)

    assert (sweep(outside, limit=2), OutboxMessage.objects.count()) == (2, 1)


@pytest.mark.integration
@pytest.mark.usefixtures("queue_tables")
def test_what_another_queue_left_goes_to_the_queue_of_now(settings: Settings) -> None:
    settings.QUEUE_BACKEND = "postgres"
    _left_in_the_outbox(delay_seconds=0)

    sweep_outbox(limit=10)

    assert Job.objects.count() == 1


@pytest.mark.integration
@pytest.mark.usefixtures("queue_tables")
def test_without_a_worker_a_job_runs_on_commit(settings: Settings, inline_runs: list[Message]) -> None:
    settings.USE_WORKER = False

    with transaction.atomic():
        enqueue(Count(upto=3))
        early = len(inline_runs)

    assert (early, [run.action for run in inline_runs]) == (0, ["count"])


@pytest.mark.integration
@pytest.mark.usefixtures("queue_tables")
def test_without_a_worker_a_failing_job_is_not_the_callers_problem(
    settings: Settings, restored_runner: None
) -> None:
    settings.USE_WORKER = False
    ran: list[Message] = []

    def fail(posted: Message) -> None:
        ran.append(posted)
        raise ValueError("the job's own error")

    set_inline_runner(fail)

    with transaction.atomic():
        enqueue(Count(upto=3))

    assert len(ran) == 1


@pytest.fixture
def restored_runner() -> Iterator[None]:
    before = posting_module._inline_runner
    yield
    posting_module._inline_runner = before


@pytest.fixture
def inline_runs(restored_runner: None) -> list[Message]:
    runs: list[Message] = []
    set_inline_runner(runs.append)
    return runs


@contextmanager
def _rolled_back() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
            raise Roll
    except Roll:
        return


def _with_uuid() -> Message:
    return message_of(Count(upto=3))


def _left_in_the_outbox(*, delay_seconds: int) -> Message:
    """As after a commit while the queue was unavailable."""
    left = _with_uuid()
    with transaction.atomic():
        post(UnavailableQueue(transactional=False), left, delay_seconds=delay_seconds)
    long_ago = timezone.now() - timedelta(seconds=SWEEP_AFTER_S + 1)
    OutboxMessage.objects.filter(pk=left.id).update(created_on=long_ago)
    return Message(left.id, left.action, {"upto": 3, "names": []}, left.key)
