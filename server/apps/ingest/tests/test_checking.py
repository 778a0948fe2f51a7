"""Stored data that cannot be true is reported once; and the daily counts."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections
from django.utils import timezone

from server.apps.accounts.models import Account
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account
from server.apps.devices.models import Device, HealthState
from server.apps.ingest.jobs import CheckStreamData, KeepDailyCounts
from server.apps.ingest.models import RefusedUpload
from server.apps.ingest.services.checking import check_stream_data
from server.apps.ingest.services.counting import keep_daily_counts
from server.apps.ingest.tests.sent import IO_1, Carrier, rows, signed_list
from server.apps.streams.models import StreamId, StreamNote
from server.core.durable import durable_cache
from server.core.queue import enqueue
from server.core.queue.models import DailyCount

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

NOW = timezone.now()
FUTURE = NOW + timedelta(days=2)


@pytest.fixture
def carrier(device: Device, alice: Account) -> Carrier:
    """Has stored three readings, which are in order."""
    durable_cache.clear()
    carrier = Carrier(device, alice)
    carrier.deliver(signed_list(device, rows(1, 2, 3)))
    return carrier


def data(sql: str, *parameters: datetime) -> None:
    """`{io_1}`: the stream of the readings. A report may leave marks on others."""
    keys = StreamId.objects.filter(var_lid=IO_1).values_list("key", flat=True)
    with connections["streamdata"].cursor() as cursor:
        cursor.execute(sql.replace("{io_1}", ", ".join(map(str, keys))), parameters)


def readings() -> int:
    with connections["streamdata"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM reading")
        return int(cursor.fetchone()[0])


def found() -> list[str]:
    return [anomaly.text for anomaly in check_stream_data(now=NOW)]


def test_data_in_order_is_no_news(carrier: Carrier) -> None:
    assert found() == []
    assert not StreamNote.objects.exists()


@pytest.mark.parametrize(
    ("sql", "parameters", "text"),
    [
        ("UPDATE latest SET ts = %s WHERE stream_key IN ({io_1})", [FUTURE], "lie in the future"),
        (
            "UPDATE latest SET first_ts = '2000-01-01T00:00:05Z' WHERE stream_key IN ({io_1})",
            [],
            "before 2001",
        ),
        (
            "UPDATE rollup_hour SET count = count + 1 WHERE stream_key IN ({io_1})",
            [],
            "do not add up to its hourly counts",
        ),
        (
            "UPDATE latest SET count = 0 WHERE stream_key IN ({io_1})",
            [],
            "do not add up to its hourly counts",
        ),
        (
            "UPDATE streamer_progress SET last_reboot = last_received + interval '2 hours'",
            [],
            "later than the report that brought it",
        ),
    ],
)
def test_what_cannot_be_true_becomes_one_note_on_the_device(
    carrier: Carrier, sql: str, parameters: list[datetime], text: str
) -> None:
    data(sql, *parameters)

    assert [len(found()), len(found())] == [1, 0]

    note = StreamNote.objects.get()
    assert (note.target, note.type, note.org) == (
        carrier.device.slug,
        StreamNote.Type.SYSTEM_CRITICAL,
        carrier.device.org,
    )
    assert text in note.note


@pytest.mark.parametrize(
    ("sql", "parameters"),
    [
        ("UPDATE latest SET ts = %s WHERE stream_key IN ({io_1})", [NOW + timedelta(hours=23)]),
        ("UPDATE latest SET first_ts = '2001-01-02T00:00:00Z'", []),
        ("UPDATE streamer_progress SET last_reboot = last_received + interval '59 minutes'", []),
        ("UPDATE rollup_hour SET count = count - 1", []),  # a reading without a number is in no hour
    ],
)
def test_what_can_be_true_is_no_news(carrier: Carrier, sql: str, parameters: list[datetime]) -> None:
    data(sql, *parameters)

    assert found() == []


def test_the_streams_are_counted_a_portion_at_a_time(
    carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.apps.streams.services.anomalies.STREAMS_PER_RUN", 1)
    data(
        "INSERT INTO latest SELECT stream_key + n, ts, seq, value, int_value, status, kind, first_ts, count"
        " FROM latest, (VALUES (1000), (1001)) AS more (n) WHERE stream_key IN ({io_1})"
    )
    data("UPDATE rollup_hour SET count = count + 1 WHERE stream_key IN ({io_1})")

    first = [
        len(found()) for _ in range(8)
    ]  # more than there are streams: after the last one it starts again
    StreamNote.objects.all().delete()
    again = [len(found()) for _ in range(8)]

    assert (sum(first), sum(again)) == (1, 1)
    assert len(found()) == 0


def test_the_check_runs_twice_and_adds_one_note(carrier: Carrier, run_jobs: Callable[[], int]) -> None:
    data("UPDATE latest SET ts = %s WHERE stream_key IN ({io_1})", FUTURE)

    for _ in range(2):
        enqueue(CheckStreamData())
        run_jobs()

    assert StreamNote.objects.count() == 1


def test_what_there_is_is_counted(carrier: Carrier) -> None:
    Device.objects.filter(pk=carrier.device.pk).update(last_known_state=HealthState.FAIL, last_report_on=NOW)
    RefusedUpload.objects.create(reason="bad", message="", file_name="", size_bytes=1)

    keep_daily_counts(now=NOW)

    counts = dict(DailyCount.objects.values_list("name", "count"))
    assert counts["StreamData*"] == readings() > 0
    assert counts["StreamerReports"] == 1
    names = ("Devices", "ClaimedDevices", "HeardDevices", "SilentDevices", "RefusedUploads", "Users", "Orgs")
    assert [counts[name] for name in names] == [1, 1, 1, 1, 1, 1, 1]


def test_what_is_older_than_a_day_was_not_heard_today(carrier: Carrier) -> None:
    Device.objects.filter(pk=carrier.device.pk).update(last_report_on=NOW - timedelta(hours=25))

    keep_daily_counts(now=NOW)

    assert DailyCount.objects.get(name="HeardDevices").count == 0


def test_the_last_count_of_a_day_stays(carrier: Carrier) -> None:
    morning = datetime(2026, 5, 4, 1, tzinfo=UTC)
    keep_daily_counts(now=morning)
    carrier.deliver(signed_list(carrier.device, rows(4)))

    keep_daily_counts(now=morning + timedelta(hours=22))

    assert DailyCount.objects.get(name="StreamData*").count == readings()


def test_counting_twice_keeps_one_row_a_day_and_name(carrier: Carrier, run_jobs: Callable[[], int]) -> None:
    for _ in range(2):
        enqueue(KeepDailyCounts())
        run_jobs()

    names = list(DailyCount.objects.values_list("name", flat=True))
    assert len(names) == len(set(names)) > 0


def test_staff_see_how_it_was_before(carrier: Carrier) -> None:
    keep_daily_counts(now=NOW - timedelta(days=3))
    keep_daily_counts(now=NOW)
    staff = api_client(make_account(is_staff=True))

    two, five = (staff.get(f"/api/v1/dbstats/?history={days}").json()["history"] for days in (2, 5))

    assert [len(two), len(five)] == [1, 2]
    assert five[0]["day"] < five[1]["day"]
    assert five[1]["stats"]["StreamData*"] == readings()
    assert staff.get("/api/v1/dbstats/").json()["history"] == []
