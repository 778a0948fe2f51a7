"""On a queue that gives no turns, whoever ends a job sends the next one of its organisation."""

import pytest
from django.db import transaction

from server.core.queue import message_of, outbox
from server.core.queue.backends.memory import MemoryQueue
from server.core.queue.jobs import Ping
from server.core.queue.models import OutboxMessage
from server.core.queue.outbox import post
from worker.action import Discard, Retry
from worker.assembly import build_bare_loop, build_loop
from worker.loop import LoopOptions
from worker.middleware.turns import Turns
from worker.tests.jobs import Call, Note, action_raising, actions, notes

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("queue_tables")]


@pytest.fixture(autouse=True)
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "MOST_OF_ORG", 1)


@pytest.fixture
def queue() -> MemoryQueue:
    return MemoryQueue(transactional=False, gives_turns=False)


def posted(queue: MemoryQueue, *jobs: Note | Call | Ping) -> None:
    for job in jobs:
        with transaction.atomic():
            post(queue, message_of(job), delay_seconds=0)


def held_back() -> int:
    return OutboxMessage.objects.filter(sent_on=None).count()


def test_jobs_that_are_held_back_run_one_after_the_other(queue: MemoryQueue) -> None:
    posted(queue, Note("a"), Note("b"), Note("c"))

    runs = build_bare_loop(queue, actions=actions(), outermost=[Turns(queue)]).drain()

    assert (runs, notes, OutboxMessage.objects.count()) == (3, ["a", "b", "c"], 0)


def test_a_job_that_becomes_a_dead_letter_gives_its_place_away(queue: MemoryQueue) -> None:
    posted(queue, Call(), Note("b"))
    table = actions(action_raising(Discard("never")))

    build_bare_loop(queue, actions=table, outermost=[Turns(queue)]).drain()

    assert (notes[-1], held_back()) == ("b", 0)


def test_a_job_that_comes_again_keeps_its_place(queue: MemoryQueue) -> None:
    posted(queue, Call(), Note("b"))
    table = actions(action_raising(Retry(60)))

    build_bare_loop(queue, actions=table, outermost=[Turns(queue)]).drain()

    assert (notes, held_back()) == (["call 0"], 1)


def test_the_worker_gives_turns_where_the_queue_does_not(queue: MemoryQueue) -> None:
    posted(queue, Ping(), Ping())

    build_loop(queue, LoopOptions(wait_seconds=0)).drain()

    assert OutboxMessage.objects.count() == 0
