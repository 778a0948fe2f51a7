"""The databases to measure on: one organisation, its devices, and readings by the million."""

import io
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import django

django.setup()

import numpy as np
from django.core.management import call_command
from django.db import connections
from django.db.backends.utils import CursorWrapper

from server.apps.accounts.models import Account
from server.apps.accounts.services.accounts import create_account, create_org
from server.apps.accounts.services.signing import issue_jwt
from server.apps.devices.models import Device, Project
from server.apps.devices.services.devices import create_device
from server.apps.devices.services.projects import create_project
from server.apps.lifecycle.services.claiming import claim_device
from server.apps.streams.models import StreamId
from server.apps.streams.services.partitions import make_partitions
from server.apps.streams.services.streams import stream_writers
from server.lib import formats

LIDS = (0x5001, 0x5002)
_numbers = itertools.count(0x1000)


@dataclass(frozen=True, slots=True)
class BenchOwner:
    user: Account
    project: Project
    jwt: str


def prepare() -> None:
    call_command("migrate", verbosity=0)
    call_command("migrate", database="streamdata", verbosity=0)
    make_partitions(now=datetime.now(UTC))


def make_owner() -> BenchOwner:
    user = Account.objects.filter(username="bench").first()
    if user is None:
        user = create_account(email="bench@example.com", username="bench")
        org = create_org(name="Bench", by=user)
        create_project(name="Bench", org=org, by=user)
    return BenchOwner(user, Project.objects.get(name="Bench"), issue_jwt(user=user))


def new_device(owner: BenchOwner) -> Device:
    device = create_device(number=next(_numbers), by=owner.user)
    device = claim_device(device=device, into=owner.project, by=owner.user)
    stream_writers(device_id=device.pk, project_id=owner.project.pk, lids=set(LIDS))
    return device


def report_bytes(device: Device, *, first_id: int, count: int, sent_s: int, step_s: int = 60) -> bytes:
    """Returns a user streamer's report of the last `count` steps, alternating over the streams."""
    rows = [
        (
            LIDS[n % len(LIDS)],
            first_id + n,
            sent_s - (count - n) * step_s // len(LIDS),
            (n * 2654435761) % 2**32,
        )
        for n in range(count)
    ]
    return formats.encode_signed_list(
        device_id=device.pk,
        report_id=first_id + count,
        sent_s=sent_s,
        streamer_index=0,
        selector=0xD7FF,
        readings=rows,
    )


@contextmanager
def stream_cursor() -> Iterator[CursorWrapper]:
    with connections["streamdata"].cursor() as cursor:
        yield cursor


def fill(device: Device, *, readings: int, step_s: int, until: datetime) -> StreamId:
    """Insert readings into the first stream of a device, with rollups and latest value. Returns the
    stream."""
    stream = StreamId.objects.get(device=device, var_lid=LIDS[0])
    start = until - timedelta(seconds=step_s * readings)
    with stream_cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO reading (ts, seq, value, int_value, device_ts, stream_key, status, kind)
            SELECT %s + n * %s * interval '1 second', n, 50 + 40 * sin(n / 200.0) + random(), mod(n, 1000), n, %s, 1, 0
            FROM generate_series(1, %s) AS n
            """,
            [start, step_s, stream.key, readings],
        )
        cursor.execute(
            """
            INSERT INTO rollup_hour (stream_key, hour, count, sum, min, max, first, last, first_ts, last_ts,
                                     first_seq, last_seq)
            SELECT stream_key, date_trunc('hour', ts), count(*), sum(value), min(value), max(value), min(value), max(value),
                   min(ts), max(ts), min(seq), max(seq)
            FROM reading WHERE stream_key = %s GROUP BY 1, 2
            """,
            [stream.key],
        )
        cursor.execute(
            """
            INSERT INTO latest (stream_key, ts, seq, value, int_value, status, kind, first_ts, count)
            SELECT stream_key, max(ts), max(seq), 1, 1, 1, 0, min(ts), count(*) FROM reading WHERE stream_key = %s GROUP BY 1
            """,
            [stream.key],
        )
        cursor.execute("ANALYZE reading")
        cursor.execute("ANALYZE rollup_hour")
    return stream


def bare_table(cursor: CursorWrapper) -> None:
    """Make the baseline of the ingest path: a table of the same columns with the key (stream, ts,
    seq) and no index beside it."""
    cursor.execute(
        """
        CREATE TABLE IF NOT EXISTS bare (
            ts timestamptz, seq bigint, value double precision, int_value integer, device_ts integer,
            stream_key integer, status smallint, kind smallint, PRIMARY KEY (stream_key, ts, seq))
        """
    )


def copy_stream(rows: int, *, run: int, now: datetime) -> io.BytesIO:
    """Returns the binary COPY of `rows` rows, as the ingest path would write them for the same
    report."""
    layout = [("fields", ">i2")]
    for name, kind in (
        ("ts", ">i8"),
        ("seq", ">i8"),
        ("value", ">f8"),
        ("int_value", ">i4"),
        ("device_ts", ">i4"),
        ("stream_key", ">i4"),
        ("status", ">i2"),
        ("kind", ">i2"),
    ):
        layout += [(f"{name}_length", ">i4"), (name, kind)]
    data = np.zeros(rows, dtype=layout)
    data["fields"] = 8
    for name, kind in layout[2::2]:
        data[f"{name}_length"] = np.dtype(kind).itemsize
    half = np.arange(rows) // len(LIDS)
    data["ts"] = int((now - datetime(2000, 1, 1, tzinfo=UTC)).total_seconds()) * 1_000_000 + half * 60_000_000
    data["seq"] = run * (rows + 1) + np.arange(rows)
    data["value"] = np.random.default_rng(run).random(rows)
    data["stream_key"] = 1 + np.arange(rows) % len(LIDS)
    data.sort(order=["stream_key", "ts"])
    return io.BytesIO(b"PGCOPY\n\xff\r\n\0" + bytes(8) + data.tobytes() + b"\xff\xff")
