"""Both back ends of the worker log, and what only the one in DynamoDB can do wrong."""

import contextlib
import itertools
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import boto3
import pytest
from pytest_django import Settings
from structlog.testing import capture_logs

from server.core.errors import Unavailable
from server.core.queue import JobRecord, Outcome
from server.core.queue.backends.postgres import PostgresQueue
from server.core.queue.log import current_log
from server.core.queue.log.base import WorkerLog
from server.core.queue.log.dynamodb import DynamoWorkerLog
from server.core.queue.log.postgres import PostgresWorkerLog
from server.core.queue.models import JobLog
from server.core.queue.tests.fixtures import free_port, message, take_surely

pytestmark = pytest.mark.integration

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
tables = itertools.count(1)


@pytest.fixture(scope="module")
def dynamodb_endpoint(aws_keys: None) -> Iterator[str]:
    """The address of a server that speaks the API: a process of its own, whose sockets are none of
    ours."""
    port = free_port()
    argv = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_it_listens(port, server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _wait_until_it_listens(port: int, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while server.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        threading.Event().wait(0.05)
    raise AssertionError("The DynamoDB server of the tests did not start.")


def dynamo_log(endpoint: str) -> DynamoWorkerLog:
    return DynamoWorkerLog(table=f"log-{next(tables)}", region="us-east-1", endpoint=endpoint)


@pytest.fixture(params=["postgres", "dynamodb"])
def worker_log(request: pytest.FixtureRequest) -> WorkerLog:
    if request.param == "postgres":
        request.getfixturevalue("queue_tables")
        return PostgresWorkerLog()
    return dynamo_log(request.getfixturevalue("dynamodb_endpoint"))


def record(
    message_id: str = "1", action: str = "note", outcome: Outcome = Outcome.DONE, **values: Any
) -> JobRecord:
    usual: dict[str, Any] = {"arguments": {}, "attempt": 1, "duration_ms": 1.0}
    return JobRecord(message_id=message_id, action=action, outcome=outcome, **usual | values)


def newest(log: WorkerLog, *, action: str = "", outcome: str = "", most: int = 50) -> list[str]:
    return [row.message_id for row in log.runs(action=action, outcome=outcome, before=None, most=most)]


def test_a_run_is_kept_as_it_was(worker_log: WorkerLog) -> None:
    began = datetime.now(UTC)
    arguments = {"text": "é\n", "numbers": [1, 2.5, None], "deep": {"yes": True}}

    worker_log.write(
        record(arguments=arguments, attempt=3, outcome=Outcome.DEAD, detail="no use", duration_ms=12.345)
    )

    [row] = worker_log.runs_of("1")
    assert (row.message_id, row.action, row.arguments, row.attempt) == ("1", "note", arguments, 3)
    assert (row.outcome, row.detail, row.duration_ms) == ("dead", "no use", 12.345)
    assert began - timedelta(seconds=5) <= row.finished_on <= datetime.now(UTC) + timedelta(seconds=5)


def test_the_newest_runs_come_first(worker_log: WorkerLog) -> None:
    for number in range(5):
        worker_log.write(record(str(number)))

    assert newest(worker_log, most=3) == ["4", "3", "2"]


def test_runs_are_found_by_action_and_outcome(worker_log: WorkerLog) -> None:
    worker_log.write(record("1", "note"))
    worker_log.write(record("2", "trip"))
    worker_log.write(record("3", "note", Outcome.RETRIED))
    worker_log.write(record("4", "trip", Outcome.DEAD))

    assert newest(worker_log) == ["4", "3", "2", "1"]
    assert newest(worker_log, action="note") == ["3", "1"]
    assert newest(worker_log, outcome="done") == ["2", "1"]
    assert newest(worker_log, action="trip", outcome="dead") == ["4"]
    assert newest(worker_log, action="not", outcome="done") == []


def test_a_page_ends_where_the_next_one_begins(worker_log: WorkerLog) -> None:
    for number in range(4):
        worker_log.write(record(str(number), outcome=list(Outcome)[number]))

    first = worker_log.runs(action="", outcome="", before=None, most=2)
    second = worker_log.runs(action="", outcome="", before=first[-1].finished_on, most=2)

    assert [row.message_id for row in (*first, *second)] == ["3", "2", "1", "0"]


def test_all_runs_of_a_job_are_found_the_newest_first(worker_log: WorkerLog) -> None:
    worker_log.write(record("7", outcome=Outcome.RETRIED))
    worker_log.write(record("8"))
    worker_log.write(record("7", attempt=2))

    assert [(row.outcome, row.attempt) for row in worker_log.runs_of("7")] == [("done", 2), ("retried", 1)]
    assert worker_log.runs_of("9") == []


def test_a_message_that_cannot_be_read_has_a_row(worker_log: WorkerLog) -> None:
    worker_log.write(record("", "", Outcome.DEAD))

    [row] = worker_log.runs(action="", outcome="dead", before=None, most=5)
    assert (row.message_id, row.action) == ("", "")


def test_runs_are_counted_by_action(worker_log: WorkerLog) -> None:
    for duration_ms in range(1, 22):
        worker_log.write(record(duration_ms=float(duration_ms)))
    worker_log.write(record(outcome=Outcome.RETRIED, duration_ms=5000.0))
    worker_log.write(record(action="trip", outcome=Outcome.DEFERRED))
    worker_log.write(record(action="trip", outcome=Outcome.DEAD))

    note, trip = worker_log.tallies(since=LONG_AGO, until=None)

    assert (note.action, note.runs) == ("note", 22)
    assert (note.done, note.retried, note.deferred, note.dead) == (21, 1, 0, 0)
    assert note.p50_ms == pytest.approx(11)
    assert note.p95_ms == pytest.approx(20)
    assert note.total_ms == pytest.approx(231 + 5000)
    assert (trip.runs, trip.deferred, trip.dead, trip.p50_ms, trip.p95_ms) == (2, 1, 1, None, None)


def test_only_the_runs_of_the_time_are_counted(worker_log: WorkerLog) -> None:
    worker_log.write(record())
    [row] = worker_log.runs_of("1")
    ended, instant = row.finished_on, timedelta(microseconds=1)

    assert len(worker_log.tallies(since=ended, until=ended + instant)) == 1
    assert worker_log.tallies(since=LONG_AGO, until=ended) == []
    assert worker_log.tallies(since=ended + instant, until=None) == []


@pytest.mark.parametrize("text", ["\ud800", "x" * 5000], ids=["half a character", "long"])
def test_what_a_stranger_made_of_a_message_harms_nobody(worker_log: WorkerLog, text: str) -> None:
    worker_log.write(record(text, text, Outcome.DEAD))
    worker_log.write(record("2"))

    assert newest(worker_log, action="note") == ["2"]


def test_many_rows_come_in_pages(dynamodb_endpoint: str) -> None:
    log = dynamo_log(dynamodb_endpoint)
    for number in range(12):
        log.write(record(str(number), arguments={"text": "x" * 100_000}))

    assert len(newest(log, most=50)) == 12  # more than the megabyte of one answer


def test_the_table_is_made_on_first_use_and_forgets_by_itself(dynamodb_endpoint: str) -> None:
    client = boto3.client("dynamodb", region_name="us-east-1", endpoint_url=dynamodb_endpoint)
    log = DynamoWorkerLog(table="made", region="us-east-1", endpoint=dynamodb_endpoint)

    log.write(record())

    table = client.describe_table(TableName="made")["Table"]
    forgets = client.describe_time_to_live(TableName="made")["TimeToLiveDescription"]
    [item] = client.scan(TableName="made")["Items"]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert (forgets["TimeToLiveStatus"], forgets["AttributeName"]) == ("ENABLED", "forget_at")
    days = (int(item["forget_at"]["N"]) - time.time()) / 86400
    assert days == pytest.approx(30, abs=0.1)


def test_two_processes_may_make_the_table(dynamodb_endpoint: str) -> None:
    for _ in range(2):
        DynamoWorkerLog(table="twice", region="us-east-1", endpoint=dynamodb_endpoint).write(record())

    log = DynamoWorkerLog(table="twice", region="us-east-1", endpoint=dynamodb_endpoint)
    assert newest(log) == ["1", "1"]


def test_no_question_reads_the_whole_table(dynamodb_endpoint: str) -> None:
    log = dynamo_log(dynamodb_endpoint)
    log.write(record())
    asked: list[str] = []
    log._reader.meta.events.register("before-call.dynamodb.*", lambda model, **_: asked.append(model.name))

    newest(log)
    newest(log, action="note", outcome="done")
    log.runs_of("1")
    log.tallies(since=LONG_AGO, until=None)

    assert set(asked) == {"Query"}


class TableInTheMaking(BaseHTTPRequestHandler):
    """Answers like a DynamoDB that makes the table for a while."""

    asked: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append(self.headers["X-Amz-Target"].rpartition(".")[2])
        body = json.dumps({"Table": {"TableName": "t", "TableStatus": "CREATING"}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None: ...


def test_no_job_waits_for_the_table_to_be_made(aws_keys: None) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), TableInTheMaking) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        log = DynamoWorkerLog(
            table="t", region="us-east-1", endpoint=f"http://127.0.0.1:{server.server_port}"
        )
        log.write(record())
        server.shutdown()

    assert TableInTheMaking.asked == ["DescribeTable"]


def test_a_table_that_was_deleted_is_made_again(dynamodb_endpoint: str) -> None:
    now_s = [0.0]
    client = boto3.client("dynamodb", region_name="us-east-1", endpoint_url=dynamodb_endpoint)
    log = DynamoWorkerLog(
        table="gone", region="us-east-1", endpoint=dynamodb_endpoint, clock=lambda: now_s[0]
    )
    log.write(record("1"))
    client.delete_table(TableName="gone")

    log.write(record("2"))
    now_s[0] = 11.0
    log.write(record("3"))

    assert newest(log) == ["3"]


def test_an_unavailable_log_costs_a_job_nothing(aws_keys: None) -> None:
    now_s = [0.0]
    away = f"http://127.0.0.1:{free_port()}"
    log = DynamoWorkerLog(table="t", region="us-east-1", endpoint=away, clock=lambda: now_s[0])

    with capture_logs() as lines:
        log.write(record("1"))
        log.write(record("2"))
        now_s[0] = 11.0
        log.write(record("3"))

    assert [line["job"] for line in lines] == ["1", "3"]  # it was not asked for the second one


def test_queries_of_an_unavailable_log_raise(aws_keys: None) -> None:
    log = DynamoWorkerLog(table="t", region="us-east-1", endpoint=f"http://127.0.0.1:{free_port()}")

    with pytest.raises(Unavailable):
        log.runs_of("1")


def test_the_setting_chooses_the_log(settings: Settings, dynamodb_endpoint: str) -> None:
    settings.WORKER_LOG, settings.DYNAMODB_URL = "dynamodb", dynamodb_endpoint

    current_log().write(record("chosen"))

    client = boto3.client("dynamodb", region_name="us-east-1", endpoint_url=dynamodb_endpoint)
    [item] = client.scan(TableName=settings.WORKER_LOG_TABLE)["Items"]
    assert item["message_id"]["S"] == "chosen"


@pytest.mark.usefixtures("queue_tables")
def test_a_job_of_the_table_queue_is_logged_as_configured(settings: Settings, dynamodb_endpoint: str) -> None:
    settings.WORKER_LOG, settings.DYNAMODB_URL, settings.WORKER_LOG_TABLE = (
        "dynamodb",
        dynamodb_endpoint,
        "chosen",
    )
    with closing(PostgresQueue()) as queue:
        queue.send([message()])
        queue.delete(take_surely(queue), record=record("7"))

        depth = queue.depth()

    assert [row.message_id for row in current_log().runs_of("7")] == ["7"]
    assert (depth.waiting, depth.in_flight, JobLog.objects.count()) == (0, 0, 0)


@pytest.mark.usefixtures("queue_tables")
def test_a_job_is_acknowledged_although_its_log_is_unavailable(settings: Settings, aws_keys: None) -> None:
    settings.WORKER_LOG, settings.DYNAMODB_URL = "dynamodb", f"http://127.0.0.1:{free_port()}"
    with closing(PostgresQueue()) as queue:
        queue.send([message()])
        queue.delete(take_surely(queue), record=record())

        depth = queue.depth()

    assert (depth.waiting, depth.in_flight) == (0, 0)
