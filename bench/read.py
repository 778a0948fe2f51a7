"""Reading back: pages and charts of long streams."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.test import Client

from bench.database import BenchOwner, fill, make_owner, new_device, stream_cursor
from bench.table import Row, ms
from bench.timing import paired_medians, percentile, seconds
from server.apps.streams.models import StreamId
from server.apps.streams.selectors.data import chart_of

PAGE = 1000
STREAM = 100_000
YEAR_MINUTES = 525_600
OTHERS = 3_000_000


def rows() -> Iterator[Row]:
    owner = make_owner()
    now = datetime.now(UTC)
    stream = fill(new_device(owner), readings=STREAM, step_s=60, until=now)
    yield _page(owner, stream, f"{PAGE:,} points of a {STREAM:,}-point stream as JSON")
    for _ in range(6):
        fill(new_device(owner), readings=OTHERS // 6, step_s=60, until=now)
    yield _page(owner, stream, f"the same with {OTHERS:,} other readings")
    year = fill(new_device(owner), readings=YEAR_MINUTES, step_s=60, until=now)
    times = sorted(
        seconds(lambda: chart_of(year, start=now - timedelta(days=365), end=now)) for _ in range(60)
    )
    yield Row(
        "chart of a year, one reading a minute, p95", ms(percentile(times, 0.95)), budget="under 100 ms"
    )


def _page(owner: BenchOwner, stream: StreamId, path: str) -> Row:
    client = Client(headers={"Authorization": f"JWT {owner.jwt}"})
    url = f"/api/v1/stream/{stream.slug}/data/?page_size={PAGE}"

    def ours(run: int) -> float:
        return seconds(lambda: _check_response(client.get(url)))

    figure, baseline = paired_medians(ours, lambda run: seconds(lambda: _raw(stream)), runs=60)
    return Row(path, ms(figure), f"{ms(baseline)} raw fetch", figure / baseline, "at most 6x")


def _check_response(response: object) -> None:
    if response.status_code != 200 or not response.content:  # type: ignore[attr-defined]  # the test client's response
        raise RuntimeError(f"the page answered {response.status_code}")  # type: ignore[attr-defined]  # as above


def _raw(stream: StreamId) -> None:
    with stream_cursor() as cursor:
        cursor.execute(
            "SELECT ts, seq, int_value, value, kind FROM reading WHERE stream_key = %s ORDER BY ts, seq LIMIT %s",
            [stream.key, PAGE],
        )
        cursor.fetchall()
