"""What only the PostgreSQL queue does."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import psycopg2
import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from server.core.errors import Unavailable
from server.core.queue.backends import postgres_statements as statements
from server.core.queue.backends.postgres import PostgresQueue
from server.core.queue.contract import Delivery, JobRecord, Outcome
from server.core.queue.models import Job, JobLog
from server.core.queue.tests.fixtures import message, take, take_surely

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("queue_tables")]

RECORD = JobRecord("7", "test", {}, attempt=1, outcome=Outcome.DONE, duration_ms=1.5)


@pytest.fixture
def queue() -> Iterator[PostgresQueue]:
    made = PostgresQueue()
    yield made
    made.close()


class Roll(Exception):
    """Ends a transaction of a test."""


@pytest.fixture
def other() -> Iterator[Any]:
    """A second connection, with a transaction of its own."""
    settings = connection.get_connection_params()
    made = psycopg2.connect(
        **{name: settings[name] for name in ("dbname", "user", "password", "host", "port")}
    )
    yield made
    made.close()


def test_a_message_of_a_transaction_that_rolls_back_is_not_sent(queue: PostgresQueue) -> None:
    def post_and_fail() -> None:
        with transaction.atomic():
            queue.send([message()])
            raise Roll

    with pytest.raises(Roll):
        post_and_fail()

    assert take(queue) is None


def test_a_worker_that_would_wait_for_a_minute_hears_of_a_message(queue: PostgresQueue) -> None:
    with ThreadPoolExecutor(1) as pool:
        taken = pool.submit(_take_and_close, queue, 60)
        _until(lambda: _workers_waiting() == 1)

        queue.send([message()])

        assert taken.result(timeout=20) is not None


def test_an_idle_worker_hears_of_the_next_of_a_key(queue: PostgresQueue) -> None:
    queue.send([message("a"), message("a")])
    [first] = queue.receive(most=1, wait_seconds=0, visible_after_seconds=60)
    with ThreadPoolExecutor(1) as pool:
        taken = pool.submit(_take_and_close, queue, 60)
        _until(lambda: _workers_waiting() == 1)

        queue.delete(first)

        assert taken.result(timeout=20) is not None


def test_a_waiting_worker_can_be_interrupted(queue: PostgresQueue) -> None:
    queue.interrupt()

    with ThreadPoolExecutor(1) as pool:
        taken = pool.submit(_take_and_close, queue, 60)

        assert taken.result(timeout=20) is None


def test_workers_at_once_get_each_message_once_and_each_key_in_order(queue: PostgresQueue) -> None:
    sent = [message(f"key {number % 5}", number=number) for number in range(200)]
    queue.send(sent)
    seen: list[tuple[str, int]] = []
    running: list[str] = []
    together: list[str] = []

    def work() -> None:
        own = PostgresQueue()
        while delivery := take(own, wait_seconds=0.5):
            held = _message_of(delivery)
            together.extend(key for key in running if key == held.key)
            running.append(held.key)
            seen.append((held.key, held.arguments["number"]))
            running.remove(held.key)
            own.delete(delivery)
        own.close()
        connections.close_all()

    _in_threads(work, 4)

    assert together == []
    assert sorted(number for _, number in seen) == list(range(200))
    for key in {each.key for each in sent}:
        of_key = [number for seen_key, number in seen if seen_key == key]
        assert all(earlier < later for earlier, later in pairwise(of_key))


def test_an_older_message_that_commits_late_does_not_run_beside_a_younger_one(
    queue: PostgresQueue, other: Any
) -> None:
    _insert(other, "a")
    queue.send([message("a")])
    younger = take_surely(queue)
    other.commit()

    beside = take(queue)
    queue.delete(younger)

    assert (beside, take_surely(queue).body) == (None, "a")


def test_an_older_message_that_commits_late_does_not_hold_up_other_keys(
    queue: PostgresQueue, other: Any
) -> None:
    _insert(other, "a")
    queue.send([message("a")])
    take_surely(queue)
    other.commit()
    free = message("b")
    queue.send([free])

    assert take_surely(queue).message == free


def test_two_workers_that_see_a_key_free_in_the_same_instant_do_not_both_get_it(
    queue: PostgresQueue, other: Any
) -> None:
    late = _connected_like(other)
    _insert(late, "a")  # the older row, not yet there for others
    queue.send([message("a")])
    with other.cursor() as cursor:
        cursor.execute(statements.CLAIM, {"most": 1, "visible": 60, "long": False, "served": ""})
        assert len(cursor.fetchall()) == 1  # the younger row is taken, in a transaction that is still open
    late.commit()
    late.close()

    with ThreadPoolExecutor(1) as pool:
        beside = pool.submit(_take_and_close, queue)
        _until(lambda: _sessions_waiting_for_a_lock() == 1)
        other.commit()

        assert beside.result() is None


def test_a_thousand_waiting_behind_one_key_cost_a_claim_nothing(queue: PostgresQueue) -> None:
    queue.send([message("busy") for _ in range(1000)])
    take_surely(queue)
    queue.send([message()])
    rows = _rows_looked_at()

    assert rows < 10


def test_a_hundred_thousand_waiting_rows_cost_a_claim_nothing(queue: PostgresQueue) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_job (body, key) SELECT '', 'key ' || n FROM generate_series(1, 100000) n"
        )

    rows = _rows_looked_at()

    assert rows < 10


def test_statistics_of_an_emptier_table_make_a_claim_no_slower(queue: PostgresQueue) -> None:
    queue.send([message("busy") for _ in range(1000)])
    take_surely(queue)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE core_job")
        cursor.execute(
            "INSERT INTO core_job (body, key, org) SELECT '', 'key ' || n, 'org' FROM generate_series(1, 20000) n"
        )

    rows = _rows_looked_at()

    assert rows < 10


@pytest.mark.parametrize("served", ["", "org 500", "org 999"])
def test_a_thousand_organisations_that_wait_cost_a_claim_nothing(queue: PostgresQueue, served: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO core_job (body, key, org)
            SELECT '', 'key ' || n, 'org ' || n % 1000 FROM generate_series(1, 100000) n
            """
        )

    rows = _rows_looked_at(served=served)

    assert rows < 10


def test_the_loop_costs_two_statements_a_job(queue: PostgresQueue) -> None:
    queue.send([message("a")])

    with CaptureQueriesContext(connection) as queries:
        delivery = take_surely(queue)
        queue.delete(delivery, record=RECORD)

    assert len(queries) == 2


def test_a_record_that_the_log_refuses_does_not_cost_the_acknowledgement(queue: PostgresQueue) -> None:
    queue.send([message()])
    unstorable = JobRecord("7", "test", {"text": "\x00"}, attempt=1, outcome=Outcome.DONE, duration_ms=1.5)

    queue.delete(take_surely(queue), record=unstorable)

    assert (Job.objects.count(), JobLog.objects.count()) == (0, 0)


def test_a_lost_connection_is_named_and_the_next_receive_makes_a_new_one(queue: PostgresQueue) -> None:
    queue.send([message()])
    connection.ensure_connection()
    with pytest.raises(psycopg2.OperationalError), connections["default"].connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(Unavailable):
        take(queue)

    assert take_surely(queue).attempt == 1


def test_a_lost_listener_is_named_and_the_next_receive_makes_a_new_one(queue: PostgresQueue) -> None:
    take(queue, wait_seconds=0.01)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        )
    with pytest.raises(Unavailable):
        _until(lambda: take(queue, wait_seconds=0.1) is not None)
    queue.send([message()])

    assert take_surely(queue).attempt == 1


def test_a_database_that_does_not_answer_is_named() -> None:
    connections.databases["away"] = connections.databases["default"] | {"PORT": "1"}
    queue = PostgresQueue("away")

    with pytest.raises(Unavailable):
        take(queue)

    queue.close()
    del connections["away"]
    del connections.databases["away"]


def test_jobs_that_a_clock_put_off_beyond_any_delay_come_now(queue: PostgresQueue) -> None:
    queue.send([message(), message("a"), message()])
    queue.send([message()], delay_seconds=900)
    taken = take_surely(queue)
    _set_the_clock_back(hours=1)

    brought = queue.bring_forward()

    assert brought == 4
    assert len(queue.receive(most=10, wait_seconds=0, visible_after_seconds=60)) == 3
    assert Job.objects.get(pk=taken.receipt.id).in_hand


def test_a_delay_is_not_taken_for_a_clock_that_was_set_back(queue: PostgresQueue) -> None:
    queue.send([message()], delay_seconds=900)

    assert (queue.bring_forward(), take(queue)) == (0, None)


def _set_the_clock_back(*, hours: int) -> None:
    """The rows move, since the database's clock does not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_job SET available_on = available_on + make_interval(hours => %s)", [hours]
        )


def _message_of(delivery: Delivery) -> Any:
    return delivery.message


def _take_and_close(queue: PostgresQueue, wait_seconds: float = 0) -> Delivery | None:
    try:
        return take(queue, wait_seconds=wait_seconds)
    finally:
        connections.close_all()


def _in_threads(work: Callable[[], None], count: int) -> None:
    with ThreadPoolExecutor(count) as pool:
        for each in [pool.submit(work) for _ in range(count)]:
            each.result()


def _insert(into: Any, key: str) -> None:
    with into.cursor() as cursor:
        cursor.execute("INSERT INTO core_job (body, key) VALUES (%s, %s)", [key, key])


def _connected_like(other: Any) -> Any:
    password = connection.get_connection_params()["password"]
    return psycopg2.connect(**other.get_dsn_parameters() | {"options": "", "password": password})


def _until(condition: Callable[[], bool], *, seconds: float = 20.0) -> None:
    """Looks again and again; the wait between gives the other threads room."""
    pause = threading.Event()
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "It did not happen in time."
        pause.wait(0.01)


def _workers_waiting() -> int:
    """The last query of a worker before it waits is for how long to wait."""
    return _count("state = 'idle' AND query LIKE '%available_on - now()%'")


def _sessions_waiting_for_a_lock() -> int:
    return _count("wait_event_type = 'Lock'")


def _count(condition: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity "
            f"WHERE datname = current_database() AND pid <> pg_backend_pid() AND ({condition})"
        )
        return int(cursor.fetchone()[0])


def _rows_looked_at(*, served: str = "") -> int:
    """How many rows the parts of a claim read, all together."""
    with transaction.atomic(), connection.cursor() as cursor:
        values: dict[str, Any] = {"most": 1, "visible": 60, "long": False, "served": served}
        cursor.execute(f"{statements.BY_INDEX} EXPLAIN (ANALYZE, FORMAT JSON) {statements.CLAIM}", values)
        [(plan,)] = cursor.fetchall()
        transaction.set_rollback(True)
    return int(max(_rows(plan[0]["Plan"])))


def _rows(node: dict[str, Any]) -> Iterator[float]:
    removed = sum(value for name, value in node.items() if name.startswith("Rows Removed"))
    yield (node["Actual Rows"] + removed) * max(1, node["Actual Loops"])
    for inner in node.get("Plans", []):
        yield from _rows(inner)
