"""The worker log in DynamoDB, or in any server with its API: one item per run, which the table
expires after 30 days.

No query scans: the table has the runs of a message, `by_outcome` the newest of an outcome,
`by_action` the newest of an Action and an outcome; a query for any outcome runs one for each of the
four and merges. The outcome `done` is one partition of its index, which takes 1,000 rows a second:
an installation with more jobs than that loses rows of the log.
"""

import heapq
import json
import secrets
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import islice
from statistics import quantiles
from typing import Any, Final

import boto3
import structlog
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from server.core.databases import storable
from server.core.errors import Unavailable
from server.core.metrics import WORKER_LOG_ROWS_LOST
from server.core.queue.contract import JobRecord, Outcome
from server.core.queue.log.base import KEEP_DAYS, ActionRow, RunRow

log = structlog.get_logger(__name__)

Item = dict[str, dict[str, str]]
NO_NAME: Final = "-"  # a key cannot be empty
MOST_CHARACTERS: Final = 500  # and its length is limited
WRITE_TIMEOUT_S: Final = 1
READ_TIMEOUT_S: Final = 10
RETRY_AFTER_S: Final = 10.0
LONGEST_TALLY: Final = 200_000  # rows; beyond it the oldest are left out
PAGE: Final = 1000


class TableNotReady(Exception):
    """The table is being created."""


UNAVAILABLE_ERRORS: Final = (BotoCoreError, ClientError, TableNotReady)


class DynamoWorkerLog:
    written_by_queue = False

    def __init__(
        self, *, table: str, region: str, endpoint: str = "", clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`endpoint` is "" on AWS. boto3 finds the credentials."""
        self._table = table
        self._region = region
        self._endpoint = endpoint or None
        self._clock = clock
        self._retry_at_s = 0.0
        self._table_lock = threading.Lock()
        self._table_is_ready = False

    def write(self, record: JobRecord) -> None:
        # Written before the job is acknowledged, so that a job that is gone from the queue has its
        # row.
        if self._clock() < self._retry_at_s:
            WORKER_LOG_ROWS_LOST.inc()
            return
        try:
            self._make_table(self._writer)
            self._writer.put_item(TableName=self._table, Item=_item(record))
        except (*UNAVAILABLE_ERRORS, TypeError, ValueError, RecursionError) as error:
            WORKER_LOG_ROWS_LOST.inc()
            log.warning("job log row not written", job=record.message_id, reason=str(error))
            if not isinstance(error, TypeError | ValueError | RecursionError):
                self._retry_at_s = self._clock() + RETRY_AFTER_S
                self._table_is_ready = False  # it may have been deleted

    def runs(self, *, action: str, outcome: str, before: datetime | None, most: int) -> list[RunRow]:
        outcomes = [outcome] if outcome else [each.value for each in Outcome]
        condition, values = _up_to(before)
        with self._translate_errors():
            lines = [
                self._query(_index_key(action, each), condition, values, page=min(most, PAGE))
                for each in outcomes
            ]
            newest = heapq.merge(*lines, key=lambda item: item["at"]["S"], reverse=True)
            return [_row(item) for item in islice(newest, most)]

    def runs_of(self, message_id: str) -> list[RunRow]:
        key = ("", "message_id", message_id or NO_NAME)
        with self._translate_errors():
            return [_row(item) for item in self._query(key, "", {}, page=PAGE)]

    def tallies(self, *, since: datetime, until: datetime | None) -> list[ActionRow]:
        """Reads from the newest backwards, so that a very long answer lacks only the oldest."""
        last = _stamp(until) if until else "9"
        condition, values = "#at BETWEEN :since AND :last", {":since": _stamp(since), ":last": last}
        found: dict[str, list[Item]] = defaultdict(list)
        with self._translate_errors():
            for outcome in Outcome:
                rows = self._query(_index_key("", outcome.value), condition, values, page=PAGE)
                for item in islice(rows, LONGEST_TALLY):
                    found[_text(item, "action")].append(item)
        return [_tally(action, items) for action, items in sorted(found.items())]

    def clean(self, *, older_than_days: int) -> int:
        """Returns 0: the table expires its rows."""
        return 0

    def _query(
        self, key: tuple[str, str, str], condition: str, values: dict[str, str], *, page: int
    ) -> Iterator[Item]:
        """Yields the newest first; loads the next page only when it is needed."""
        index, name, value = key
        query: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "#key = :key" + (f" AND {condition}" if condition else ""),
            "ExpressionAttributeNames": {"#key": name} | ({"#at": "at"} if condition else {}),
            "ExpressionAttributeValues": {
                each: {"S": text} for each, text in {":key": value, **values}.items()
            },
            "ScanIndexForward": False,
            "Limit": page,
        }
        if index:
            query["IndexName"] = index
        while True:
            answer = self._reader.query(**query)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            self._make_table(self._reader)
            yield
        except UNAVAILABLE_ERRORS as error:
            raise Unavailable("The worker log does not answer.") from error

    @cached_property
    def _writer(self) -> Any:
        return self._connect(WRITE_TIMEOUT_S, tries=1)

    @cached_property
    def _reader(self) -> Any:
        return self._connect(READ_TIMEOUT_S, tries=2)

    def _connect(self, read_timeout_s: int, *, tries: int) -> Any:
        config = Config(
            connect_timeout=0.5,
            read_timeout=read_timeout_s,
            retries={"total_max_attempts": tries, "mode": "standard"},
        )
        return boto3.session.Session().client(
            "dynamodb", region_name=self._region, endpoint_url=self._endpoint, config=config
        )

    def _make_table(self, client: Any) -> None:
        """Creates a missing table on first use. On AWS it may have been created for us, without the
        right to create one. Raises TableNotReady and does not wait: a job waits for this."""
        with self._table_lock:
            if self._table_is_ready:
                return
            if self._status(client) != "ACTIVE":
                raise TableNotReady("The table is being made.")
            self._enable_expiry(client)
            self._table_is_ready = True

    def _status(self, client: Any) -> str:
        try:
            return str(client.describe_table(TableName=self._table)["Table"]["TableStatus"])
        except client.exceptions.ResourceNotFoundException:
            made = client.create_table(**_definition(self._table))
            return str(made["TableDescription"]["TableStatus"])

    def _enable_expiry(self, client: Any) -> None:
        """Expiry can be enabled only once the table exists, and whoever created it may have ended
        before."""
        try:
            answer = client.describe_time_to_live(TableName=self._table)["TimeToLiveDescription"]
            if answer["TimeToLiveStatus"] == "DISABLED":
                specification = {"Enabled": True, "AttributeName": "forget_at"}
                client.update_time_to_live(TableName=self._table, TimeToLiveSpecification=specification)
        except ClientError as error:  # another process was faster, or we lack the right
            log.warning("worker log does not expire", table=self._table, reason=str(error))


def _definition(table: str) -> dict[str, Any]:
    names = ("message_id", "at", "outcome", "action_outcome")
    return {
        "TableName": table,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in names],
        "KeySchema": _schema("message_id"),
        "GlobalSecondaryIndexes": [
            {"IndexName": index, "KeySchema": _schema(key), "Projection": {"ProjectionType": "ALL"}}
            for index, key in (("by_outcome", "outcome"), ("by_action", "action_outcome"))
        ],
    }


def _schema(key: str) -> list[dict[str, str]]:
    return [{"AttributeName": key, "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}]


def _index_key(action: str, outcome: str) -> tuple[str, str, str]:
    """Index, attribute and value."""
    if action:
        return "by_action", "action_outcome", f"{action} {outcome}"
    return "by_outcome", "outcome", outcome


def _up_to(before: datetime | None) -> tuple[str, dict[str, str]]:
    return ("#at < :before", {":before": _stamp(before)}) if before else ("", {})


def _stamp(moment: datetime) -> str:
    """Returns text that sorts like the times."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _item(record: JobRecord) -> Item:
    """Returns one item. Two runs of a message may end in the same microsecond, so the time has a
    random suffix."""
    now = datetime.now(UTC)
    action = storable(record.action)[:MOST_CHARACTERS] or NO_NAME
    texts = {
        "message_id": storable(record.message_id)[:MOST_CHARACTERS] or NO_NAME,
        "at": f"{_stamp(now)}#{secrets.token_hex(2)}",
        "outcome": record.outcome.value,
        "action_outcome": f"{action} {record.outcome.value}",
        "action": action,
        "arguments": json.dumps(record.arguments, default=str),
        "detail": storable(record.detail)[:MOST_CHARACTERS],
    }
    numbers = {
        "attempt": str(record.attempt),
        "duration_ms": str(record.duration_ms),
        "forget_at": str(int((now + timedelta(days=KEEP_DAYS)).timestamp())),
    }
    return {name: {"S": text} for name, text in texts.items()} | {
        name: {"N": number} for name, number in numbers.items()
    }


def _text(item: Item, name: str) -> str:
    text = item[name]["S"]
    return "" if text == NO_NAME else text


def _row(item: Item) -> RunRow:
    return RunRow(
        message_id=_text(item, "message_id"),
        action=_text(item, "action"),
        arguments=json.loads(item["arguments"]["S"]),
        attempt=int(item["attempt"]["N"]),
        outcome=item["outcome"]["S"],
        detail=item["detail"]["S"],
        duration_ms=float(item["duration_ms"]["N"]),
        finished_on=_moment(item),
    )


def _moment(item: Item) -> datetime:
    return datetime.fromisoformat(item["at"]["S"].partition("#")[0])


def _tally(action: str, items: Sequence[Item]) -> ActionRow:
    counts = {outcome: sum(item["outcome"]["S"] == outcome.value for item in items) for outcome in Outcome}
    done = [float(item["duration_ms"]["N"]) for item in items if item["outcome"]["S"] == Outcome.DONE.value]
    return ActionRow(
        action=action,
        runs=len(items),
        done=counts[Outcome.DONE],
        retried=counts[Outcome.RETRIED],
        deferred=counts[Outcome.DEFERRED],
        dead=counts[Outcome.DEAD],
        p50_ms=_percentile(done, 50),
        p95_ms=_percentile(done, 95),
        last_on=max(_moment(item) for item in items),
        total_ms=sum(float(item["duration_ms"]["N"]) for item in items),
    )


def _percentile(values: Sequence[float], percent: int) -> float | None:
    """Interpolates between the two nearest, like PostgreSQL's `percentile_cont`."""
    if len(values) < 2:
        return values[0] if values else None
    return quantiles(values, n=100, method="inclusive")[percent - 1]
