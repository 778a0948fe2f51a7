"""The REST API: lists of devices and streams, pages of data, sums over the calendar, and exports of
any length."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from django.db import connection
from django.test import Client

from bench.database import BenchOwner, fill, make_owner, new_device, stream_cursor
from bench.processes import peak_kb
from bench.table import Row, ms
from bench.timing import paired_medians, percentile, seconds
from server.apps.devices.models import Device
from server.apps.streams.models import StreamId, StreamVariable
from server.apps.streams.services.streams import stream_writers

DEVICES: Final = 1000
STREAMS: Final = 2500
STREAM: Final = 100_000
OTHERS: Final = 3_000_000
YEAR_MINUTES: Final = 525_600
EXPORTED: Final = 1_000_000


def rows() -> Iterator[Row]:
    owner = make_owner()
    yield from _lists(owner)
    now = datetime.now(UTC)
    stream = fill(new_device(owner), readings=STREAM, step_s=60, until=now)
    yield from _pages(owner, stream, f"of a {STREAM:,}-point stream")
    yield _file(owner, stream)
    for _ in range(6):
        fill(new_device(owner), readings=OTHERS // 6, step_s=60, until=now)
    yield from _pages(owner, stream, f"with {OTHERS:,} others")
    yield from _sums(owner, now)
    yield from _exports(owner, now)


def _client(owner: BenchOwner) -> Client:
    return Client(headers={"Authorization": f"JWT {owner.jwt}"})


def _get(client: Client, url: str) -> None:
    response = client.get(url)
    if response.status_code != 200:
        raise RuntimeError(f"{url} answered {response.status_code}")
    for _ in getattr(response, "streaming_content", ()):
        pass


def _compare(
    path: str, url: str, raw: Callable[[], None], *, client: Client, budget: str, runs: int = 15
) -> Row:
    figure, baseline = paired_medians(
        lambda run: seconds(lambda: _get(client, url)), lambda run: seconds(raw), runs=runs, warm_up=2
    )
    return Row(path, ms(figure), f"{ms(baseline)} raw fetch", figure / baseline, budget)


def _lists(owner: BenchOwner) -> Iterator[Row]:
    while Device.objects.filter(project=owner.project).count() < DEVICES:
        new_device(owner)
    _more_streams(owner)
    yield _compare(
        f"list of {DEVICES:,} devices",
        f"/api/v1/device/?page_size={DEVICES}",
        lambda: _run_query(f"SELECT * FROM devices_device ORDER BY id LIMIT {DEVICES}"),
        client=_client(owner),
        budget="at most 30x",
    )
    yield _compare(
        f"list of {STREAMS:,} streams",
        f"/api/v1/stream/?page_size={STREAMS}",
        lambda: _run_query(f"SELECT * FROM streams_streamid ORDER BY device_id, var_lid LIMIT {STREAMS}"),
        client=_client(owner),
        budget="at most 30x",
    )


def _more_streams(owner: BenchOwner) -> None:
    """Give devices a third stream until there are `STREAMS`."""
    lids = {*StreamVariable.objects.filter(project=owner.project).values_list("lid", flat=True), 0x5003}
    for device in Device.objects.filter(project=owner.project).order_by("pk"):
        if StreamId.objects.filter(project=owner.project).count() >= STREAMS:
            return
        stream_writers(device_id=device.pk, project_id=owner.project.pk, lids=lids)


def _run_query(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        cursor.fetchall()


def _pages(owner: BenchOwner, stream: StreamId, of_what: str) -> Iterator[Row]:
    for size in (1000, 20_000):
        yield _compare(
            f"{size:,} points {of_what}",
            f"/api/v1/stream/{stream.slug}/data/?page_size={size}",
            partial(_points, stream, size),
            client=_client(owner),
            budget="at most 6x",
            runs=25,
        )


def _points(stream: StreamId, count: int) -> None:
    with stream_cursor() as cursor:
        cursor.execute(
            "SELECT ts, seq, int_value, value, kind FROM reading WHERE stream_key = %s ORDER BY ts, seq LIMIT %s",
            [stream.key, count],
        )
        cursor.fetchall()


def _file(owner: BenchOwner, stream: StreamId) -> Row:
    return _compare(
        f"CSV of {STREAM:,} points",
        f"/api/v1/stream/{stream.slug}/csv/",
        lambda: _points(stream, STREAM),
        client=_client(owner),
        budget="aim 2x",
        runs=7,
    )


def _sums(owner: BenchOwner, now: datetime) -> Iterator[Row]:
    client = _client(owner)
    year = fill(new_device(owner), readings=YEAR_MINUTES, step_s=60, until=now)
    since = f"{now - timedelta(days=364):%Y-%m-%dT%H:%M:%SZ}"
    for bucket, zone in (
        ("1h", "UTC"),
        ("1d", "Europe/Berlin"),
        ("1d", "Asia/Kolkata"),
        ("1M", "America/New_York"),
    ):
        url = f"/api/v1/stream/{year.slug}/aggregate/?bucket={bucket}&tz={zone}&start={since}"
        times = [seconds(partial(_get, client, url)) for _ in range(40)]
        yield Row(
            f"a year of minutes by {bucket}, {zone}, p95", ms(percentile(times, 0.95)), budget="under 100 ms"
        )


def _exports(owner: BenchOwner, now: datetime) -> Iterator[Row]:
    client = _client(owner)
    stream = fill(new_device(owner), readings=EXPORTED, step_s=30, until=now)
    for name, url in (
        ("CSV of a stream", f"/api/v1/stream/{stream.slug}/csv/"),
        ("table in CSV", f"/api/v1/df/?filter={stream.slug}&format=csv"),
        ("table in MessagePack", f"/api/v1/df/?filter={stream.slug}&format=msgpack"),
    ):
        _get(client, f"{url}{'&' if '?' in url else '?'}lastn=20000")  # what every request needs, once
        before = _reset_peak_kb()
        took = seconds(partial(_get, client, url))
        grown = (peak_kb(os.getpid()) - before) / 1024
        yield Row(
            f"{name}, {EXPORTED:,} rows",
            f"{took:.1f} s",
            f"peak memory +{grown:.1f} MB",
            budget="under 50 MB",
        )


def _reset_peak_kb() -> int:
    """Reset the highest resident size of this process; returns the current one."""
    Path("/proc/self/clear_refs").write_text("5")
    return peak_kb(os.getpid())
