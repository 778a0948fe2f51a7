"""Devices with data, and what is left of it after a use case of `lifecycle`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from django.core import mail
from django.db import connections
from rest_framework.response import Response
from rest_framework.test import APIClient

from server.apps.activity.models import Operation
from server.apps.devices.models import Device
from server.apps.streams.models import DataBlock, StreamId
from server.apps.streams.services.relabelling import live_streams
from server.apps.streams.store.connection import writing_cursor
from server.apps.streams.store.reports import lock_progress
from server.apps.streams.store.writers import writers_lock

RunJobs: TypeAlias = Callable[[], int]
"""The fixture `run_jobs`: what was scheduled, and the mails that follow."""


def keys_of(device: Device) -> list[int]:
    device.refresh_from_db()
    return [stream.key for stream in live_streams(device)]


def ids_in(keys: list[int], table: str = "reading") -> list[int]:
    with connections["streamdata"].cursor() as cursor:
        cursor.execute(f"SELECT seq FROM {table} WHERE stream_key = ANY(%s) ORDER BY seq", [keys])
        return [reading_id for (reading_id,) in cursor.fetchall()]


def live_ids(device: Device) -> list[int]:
    return ids_in(keys_of(device))


def block_ids(block: DataBlock) -> list[int]:
    return ids_in(list(StreamId.objects.filter(block=block).values_list("key", flat=True)))


def summaries(keys: list[int]) -> dict[str, list[Any]]:
    """Return hours and latest values as they are stored."""
    return {
        "hours": _rows(
            """
            SELECT stream_key, hour, count, round(sum::numeric, 6), min, max, first, last, first_ts, last_ts, first_seq, last_seq
            FROM rollup_hour WHERE stream_key = ANY(%s) ORDER BY 1, 2
            """,
            keys,
        ),
        "latest": _rows(
            "SELECT stream_key, ts, seq, value, int_value, status, kind, first_ts, count FROM latest WHERE stream_key = ANY(%s) ORDER BY 1",
            keys,
        ),
    }


def expected_summaries(keys: list[int]) -> dict[str, list[Any]]:
    """Return hours and latest values computed from the readings."""
    return {
        "hours": _rows(
            """
            SELECT stream_key, date_trunc('hour', ts, 'UTC'), count(*), round(sum(value)::numeric, 6), min(value), max(value),
                (array_agg(value ORDER BY ts, seq))[1], (array_agg(value ORDER BY ts DESC, seq DESC))[1],
                min(ts), max(ts), (array_agg(seq ORDER BY ts, seq))[1], (array_agg(seq ORDER BY ts DESC, seq DESC))[1]
            FROM reading WHERE stream_key = ANY(%s) AND value IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2
            """,
            keys,
        ),
        "latest": _rows(
            """
            SELECT DISTINCT ON (stream_key) stream_key, ts, seq, value, int_value, status, kind,
                min(ts) OVER w, count(*) OVER w
            FROM reading WHERE stream_key = ANY(%s) WINDOW w AS (PARTITION BY stream_key)
            ORDER BY stream_key, ts DESC, seq DESC
            """,
            keys,
        ),
    }


def _rows(sql: str, keys: list[int]) -> list[Any]:
    with connections["streamdata"].cursor() as cursor:
        cursor.execute(sql, [keys])
        return list(cursor.fetchall())


def post(client: APIClient, path: str, body: dict[str, Any] | None = None) -> Response:
    answer: Response = client.post(f"/api/v1/{path}", body or {}, format="json")
    return answer


def mailed() -> list[tuple[str, list[str]]]:
    return [(str(message.subject), list(message.to)) for message in mail.outbox]


def state_of(pid: object) -> tuple[str, str]:
    operation = Operation.objects.get(pk=str(pid))
    return operation.state, operation.message


def undone(pid: object) -> None:
    """Undo the end of an operation, as if the worker had been killed before it."""
    Operation.objects.filter(pk=str(pid)).update(state=Operation.State.RUNNING, finished_on=None)


def silent(percent: int, message: str) -> None:
    """Ignore progress."""


@contextmanager
def while_a_report_is_stored(device: Device) -> Iterator[None]:
    """Run while a worker has all locks for a report and has not committed."""
    with writing_cursor() as cursor:
        lock_progress(cursor, 1, device_id=device.pk)
        yield


@contextmanager
def while_reports_wait(device: Device) -> Iterator[None]:
    """Hold reports that are decoded just before their streams are read."""
    with writing_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [writers_lock(device.pk)])
        yield
