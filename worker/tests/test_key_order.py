"""Jobs of one key one at a time on a queue that cannot see to it itself."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest
from django.db import connection, connections
from pytest_django import DjangoAssertNumQueries

from server.core.queue import Delivery, message_of
from server.core.queue.backends.sqs import SqsQueue
from server.core.queue.tests.fixtures import numbers
from worker.jobrun import JobRun, Requeue
from worker.loop import Loop, LoopOptions
from worker.middleware.key_order import KeyOrder
from worker.middleware.retries import Retries
from worker.tests.jobs import Call, Note, TakeNote, action_calling, actions, notes

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("queue_tables")]


def run_of(key: str) -> JobRun:
    return JobRun(Delivery(message_of(Note("hello", order_key=key)), "", 1, receipt=None), action=TakeNote())


@pytest.fixture
def elsewhere() -> Iterator[Callable[[Callable[[], None]], None]]:
    """Calls in another thread, so on another connection."""
    with ThreadPoolExecutor(1) as pool:

        def call(work: Callable[[], None]) -> None:
            pool.submit(work).result()

        yield call
        call(connections.close_all)


def test_a_key_that_another_worker_has_puts_the_job_back(
    elsewhere: Callable[[Callable[[], None]], None],
) -> None:
    elsewhere(lambda: KeyOrder().before(run_of("a")))
    mine = run_of("a")

    KeyOrder().before(mine)

    assert isinstance(mine.verdict, Requeue)
    assert mine.verdict.delay_seconds in (1, 2)


def test_another_key_does_not_wait(elsewhere: Callable[[Callable[[], None]], None]) -> None:
    elsewhere(lambda: KeyOrder().before(run_of("a")))
    order, mine = KeyOrder(), run_of("b")

    order.before(mine)
    order.after(mine)

    assert mine.verdict is None


def test_a_job_without_a_key_asks_nobody(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    order, mine = KeyOrder(), run_of("")

    with django_assert_num_queries(0):
        order.before(mine)
        order.after(mine)


def test_a_key_is_free_again_after_the_job(elsewhere: Callable[[Callable[[], None]], None]) -> None:
    other, theirs = KeyOrder(), run_of("a")
    elsewhere(lambda: other.before(theirs))
    elsewhere(lambda: other.after(theirs))
    order, mine = KeyOrder(), run_of("a")

    order.before(mine)
    order.after(mine)

    assert mine.verdict is None


def test_a_lost_connection_holds_no_key(elsewhere: Callable[[Callable[[], None]], None]) -> None:
    order, theirs = KeyOrder(), run_of("a")
    order.before(theirs)
    with pytest.raises(psycopg2.OperationalError), connection.connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    order.after(theirs)

    again = run_of("a")
    order.before(again)
    order.after(again)
    assert again.verdict is None


def test_two_workers_on_sqs_never_run_one_key_together(sqs_endpoint: str) -> None:
    name = f"ordered-{next(numbers)}"
    running: list[int] = []
    together: list[int] = []

    def record_overlap() -> None:
        running.append(1)
        together.append(len(running))
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.02)")
        running.pop()

    def work() -> None:
        queue = SqsQueue(name=name, region="us-east-1", endpoint=sqs_endpoint)
        options = LoopOptions(wait_seconds=1, idle_exit_seconds=4)
        Loop(queue, actions(action_calling(record_overlap)), [Retries(), KeyOrder()], options).run()
        connections.close_all()

    class Keyed(Call):
        order_key = "a"

    sender = SqsQueue(name=name, region="us-east-1", endpoint=sqs_endpoint)
    sender.send([message_of(Keyed(number)) for number in range(5)])
    with ThreadPoolExecutor(2) as pool:
        for each in [pool.submit(work) for _ in range(2)]:
            each.result()

    assert sorted(notes) == [f"call {number}" for number in range(5)]
    assert set(together) == {1}
