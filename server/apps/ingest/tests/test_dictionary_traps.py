"""What writers of dictionaries do, through the whole path: uploaded, processed, read back."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgpack
import pytest
from django.db import connections

from server.apps.accounts.models import Account
from server.apps.devices.models import Device, DeviceVersion
from server.apps.ingest.models import RefusedUpload, Streamer, StreamerReport
from server.apps.ingest.services.receiving import RefusedReport
from server.apps.ingest.tests.sent import RECEIVED, Carrier, process, stored_ids
from server.apps.streams.models import StreamId
from server.apps.streams.selectors.data import ledger_of
from server.lib.formats import Flaw

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

UNK, CLN, DRT, UTC_ = 0, 1, 2, 3
GIVEN: Final = datetime(2021, 6, 1, 11, 0, tzinfo=UTC)
Write = Callable[[Any], tuple[bytes, str]]


@pytest.fixture
def carrier(device: Device, bob: Account) -> Carrier:
    return Carrier(device, bob)


def as_json(content: Any) -> tuple[bytes, str]:
    return json.dumps(content).encode(), "report.json"


def as_msgpack(content: Any) -> tuple[bytes, str]:
    return msgpack.packb(content, use_bin_type=True), "report.mp"


def as_old_msgpack(content: Any) -> tuple[bytes, str]:
    """Text as raw bytes, as writers did before there was text."""
    return msgpack.packb(content, use_bin_type=False), "report.mp"


def as_bin(content: Any) -> tuple[bytes, str]:
    return msgpack.packb(_in_bytes(content), use_bin_type=True), "report.mp"


def _in_bytes(value: Any) -> Any:
    if isinstance(value, dict):
        return {_in_bytes(key): _in_bytes(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_in_bytes(inner) for inner in value]
    return value.encode() if isinstance(value, str) else value


BOTH: Final = pytest.mark.parametrize("write", [as_json, as_msgpack])


def item(id: int, **changes: Any) -> dict[str, Any]:
    given = {"stream": "5020", "streamer_local_id": id, "timestamp": "2021-06-01T11:00:00Z"}
    return given | changes


def reading(id: int, **changes: Any) -> dict[str, Any]:
    return item(id, value=7) | changes


def event(id: int, **changes: Any) -> dict[str, Any]:
    return item(id, extra_data={"n": id}) | changes


def report(device: Device, **changes: Any) -> dict[str, Any]:
    content = {
        "format": "v100",
        "device": device.pk,
        "streamer_index": 256,
        "streamer_selector": 65535,
        "device_sent_timestamp": 0xFFFF_FFFF,
        "lowest_id": 1,
        "highest_id": 9,
        "incremental_id": 0,
        "events": [],
        "data": [],
    }
    return content | changes


def deliver(carrier: Carrier, content: Any, write: Write = as_json) -> None:
    data, name = write(content)
    assert carrier.deliver(data, name=name) is not None


def readings(columns: str = "seq") -> list[tuple[Any, ...]]:
    with connections["streamdata"].cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM reading WHERE stream_key = ANY(%s) ORDER BY seq, stream_key", [keys()]
        )
        return list(cursor.fetchall())


def events(columns: str = "seq") -> list[tuple[Any, ...]]:
    with connections["streamdata"].cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM event ORDER BY seq, stream_key")
        return list(cursor.fetchall())


def keys() -> list[int]:
    """Of the streams that are not of our own making."""
    return list(StreamId.objects.exclude(var_lid__in=[0x5A05, 0x5A06]).values_list("key", flat=True))


WORD: Final = "int_value::bigint & 4294967295"


# How it is written


@BOTH
def test_whole_floats_are_integers(carrier: Carrier, device: Device, write: Write) -> None:
    content = report(
        device,
        streamer_index=256.0,
        device_sent_timestamp=4294967295.0,
        data=[reading(3000000000, streamer_local_id=3000000000.0, value=4294967294.0, stream=20512.0)],
    ) | {"device": float(device.pk)}

    deliver(carrier, content, write)

    assert readings(f"seq, {WORD}") == [(3000000000, 4294967294)]


@BOTH
def test_a_number_with_a_fraction_is_refused_with_its_place(
    carrier: Carrier, device: Device, write: Write
) -> None:
    data, name = write(report(device, data=[reading(1, value=1.5)]))

    with pytest.raises(RefusedReport, match=r"data\[0\]\.value"):
        carrier.upload(data, name=name)

    assert RefusedUpload.objects.get().reason == "bad-type"


@pytest.mark.parametrize("write", [as_old_msgpack, as_bin])
def test_text_of_old_writers_is_text(carrier: Carrier, device: Device, write: Write) -> None:
    large = {"trace": ["größer", 1]}

    deliver(carrier, report(device, events=[event(1, data=large)], data=[reading(2)]), write)

    [(document, data)] = events("extra_data::text, data")
    assert json.loads(document) == {"n": 1}
    assert json.loads(data) == large
    assert readings() == [(2,)]


def test_dates_that_are_maps_are_times(carrier: Carrier, device: Device) -> None:
    moment = {"__class__": "datetime", "as_str": "2021-06-01T11:00:00"}
    day = {"__class__": "date", "as_str": "2021-06-01"}

    content = report(device, data=[reading(1, timestamp=moment)], events=[event(2, extra_data={"day": day})])
    deliver(carrier, content, as_msgpack)

    assert readings("ts, status") == [(GIVEN, UTC_)]
    assert json.loads(events("extra_data::text")[0][0]) == {"day": "2021-06-01"}


@BOTH
@pytest.mark.parametrize("missing", ["events", "data"])
def test_a_list_that_is_missing_is_empty(
    carrier: Carrier, device: Device, write: Write, missing: str
) -> None:
    content = report(device, events=[event(1)], data=[reading(2)])
    del content[missing]

    deliver(carrier, content, write)

    assert (events(), readings()) == (([], [(2,)]) if missing == "events" else ([(1,)], []))


@BOTH
def test_a_report_without_both_lists_stores_nothing(carrier: Carrier, device: Device, write: Write) -> None:
    content = report(device)
    del content["events"], content["data"]

    deliver(carrier, content, write)

    assert (events(), readings()) == ([], [])
    assert StreamerReport.objects.get().status == StreamerReport.Status.STORED


@BOTH
@pytest.mark.parametrize("tail", [b"\x00", b"{}", b"\xc0"])
def test_data_after_the_end_is_refused(carrier: Carrier, device: Device, write: Write, tail: bytes) -> None:
    data, name = write(report(device, data=[reading(1)]))

    with pytest.raises(RefusedReport):
        carrier.upload(data + tail, name=name)

    assert RefusedUpload.objects.get().reason in {"trailing-data", "bad-json", "bad-text"}


@BOTH
@pytest.mark.parametrize("stream", [0x5020, "5020", 20512.0])
def test_a_stream_is_a_number_or_hex_digits(
    carrier: Carrier, device: Device, write: Write, stream: Any
) -> None:
    deliver(
        carrier, report(device, data=[reading(1, stream=stream)], events=[event(2, stream=stream)]), write
    )

    assert set(StreamId.objects.values_list("var_lid", flat=True)) >= {0x5020}
    assert (readings(), events()) == ([(1,)], [(2,)])


@BOTH
@pytest.mark.parametrize("index", [255, 256, 0xFFFF])
def test_streamers_above_those_of_devices_have_slugs(
    carrier: Carrier, device: Device, write: Write, index: int
) -> None:
    deliver(carrier, report(device, streamer_index=index, streamer_selector=65536, data=[reading(1)]), write)

    streamer = Streamer.objects.get()
    assert (streamer.slug, streamer.index, streamer.selector) == (
        f"t--{device.gid}--{index:04x}",
        index,
        65536,
    )


# When it was


@BOTH
def test_a_reading_without_time_has_that_of_the_device(
    carrier: Carrier, device: Device, write: Write
) -> None:
    """Weak point 23: the original cloud stores none at all."""
    content = report(
        device,
        device_sent_timestamp=3600,
        data=[reading(1, timestamp=None, device_timestamp=600)],
        events=[event(2, timestamp=None, device_timestamp=1200)],
    )

    deliver(carrier, content, write)

    assert readings("ts, status") == [(RECEIVED - timedelta(seconds=3000), CLN)]
    assert events("ts, status") == [(RECEIVED - timedelta(seconds=2400), CLN)]


@BOTH
def test_uptimes_without_a_sent_time_are_an_estimate(carrier: Carrier, device: Device, write: Write) -> None:
    rows = [
        reading(1, timestamp=None, device_timestamp=600),
        reading(2, timestamp=None, device_timestamp=660),
    ]

    deliver(carrier, report(device, data=rows), write)

    assert readings("ts, status") == [(RECEIVED - timedelta(seconds=60), DRT), (RECEIVED, DRT)]


@BOTH
def test_bit_31_is_the_clock_of_the_device(carrier: Carrier, device: Device, write: Write) -> None:
    seconds = int((GIVEN - datetime(2000, 1, 1, tzinfo=UTC)).total_seconds()) | 1 << 31
    clock = {"timestamp": None, "device_timestamp": float(seconds)}

    deliver(carrier, report(device, data=[reading(1, **clock)], events=[event(2, **clock)]), write)

    assert readings("ts, status") == events("ts, status") == [(GIVEN, UTC_)]


@BOTH
@pytest.mark.parametrize("unknown", [{"device_timestamp": 0xFFFF_FFFF}, {"device_timestamp": None}, {}])
def test_an_item_without_any_time_stands_at_the_reception(
    carrier: Carrier, device: Device, write: Write, unknown: dict[str, Any]
) -> None:
    """ffffffff has bit 31 set, and is no clock."""
    rows, notes = [reading(1, timestamp=None, **unknown)], [event(2, timestamp=None, **unknown)]

    deliver(carrier, report(device, data=rows, events=notes), write)

    assert readings("ts, status, device_ts") == events("ts, status, device_ts") == [(RECEIVED, UNK, None)]


@BOTH
def test_a_given_time_goes_before_that_of_the_device(carrier: Carrier, device: Device, write: Write) -> None:
    times = {"timestamp": "2021-06-01T13:00:00.000+02:00", "device_timestamp": 5}

    deliver(carrier, report(device, data=[reading(1, **times)], events=[event(2, **times)]), write)

    assert readings("ts, status") == events("ts, status") == [(GIVEN, UTC_)]


# Which is which


@BOTH
def test_the_order_in_the_file_does_not_matter(carrier: Carrier, device: Device, write: Write) -> None:
    rows = [reading(id, value=id) for id in (9, 2, 7, 4)]

    deliver(carrier, report(device, data=rows, events=[event(8), event(3)]), write)

    assert readings(f"seq, {WORD}") == [(2, 2), (4, 4), (7, 7), (9, 9)]
    assert events() == [(3,), (8,)]
    assert acknowledged() == 9


def acknowledged() -> int:
    with connections["streamdata"].cursor() as cursor:
        cursor.execute("SELECT last_id FROM streamer_progress")
        [(last_id,)] = cursor.fetchall()
    return int(last_id)


@BOTH
def test_what_is_twice_in_a_file_is_stored_once(carrier: Carrier, device: Device, write: Write) -> None:
    rows = [reading(1, value=10), reading(1, value=10), reading(2)]

    deliver(carrier, report(device, data=rows, events=[event(3), event(3)]), write)

    assert (readings(f"seq, {WORD}"), events()) == ([(1, 10), (2, 7)], [(3,)])


@BOTH
def test_events_and_readings_count_together(carrier: Carrier, device: Device, write: Write) -> None:
    """One counter a device: an id that both have is of one thing, and the reading came first in the
    log."""
    deliver(carrier, report(device, data=[reading(1), reading(5)], events=[event(5), event(6)]), write)

    assert (readings(), events()) == ([(1,), (5,)], [(6,)])


@BOTH
def test_the_same_file_again_stores_nothing(carrier: Carrier, device: Device, write: Write) -> None:
    content = report(device, data=[reading(1)], events=[event(2, data={"x": [1]})])

    for _ in range(2):
        deliver(carrier, content, write)

    assert (readings(), events()) == ([(1,)], [(2,)])


def test_json_and_msgpack_mean_the_same(carrier: Carrier, device: Device) -> None:
    content = report(device, data=[reading(1)], events=[event(2)])

    deliver(carrier, content, as_json)
    deliver(carrier, content, as_msgpack)

    assert (readings(), events()) == ([(1,)], [(2,)])


# What costs only itself


@BOTH
def test_a_null_value_among_good_ones_costs_only_itself(
    device: Device, carrier: Carrier, write: Write
) -> None:
    version = reading(4, stream="5c09", value=None)
    data, name = write(
        report(device, data=[reading(3), reading(1), reading(2, value=None), version], events=[event(5)])
    )

    uploaded = carrier.upload(data, name=name)
    process(uploaded)

    assert uploaded.flaws == {Flaw.NO_VALUE: 2}
    assert (stored_ids(device), acknowledged()) == ([1, 3], 5)
    assert ledger_of([uploaded.pk])[uploaded.pk].reasons == {"no-value": 2}
    assert not DeviceVersion.objects.exists()


def test_the_same_report_again_brings_nothing(device: Device, carrier: Carrier) -> None:
    data, name = as_json(report(device, data=[reading(1), reading(2, value=None)]))

    for _ in range(2):
        uploaded = carrier.upload(data, name=name)
        process(uploaded)

    row = ledger_of([uploaded.pk])[uploaded.pk]
    assert (row.received, row.stored, row.duplicate, row.refused) == (2, 0, 2, 0)


def test_a_time_of_the_first_day_of_all_is_refused_by_name(device: Device, carrier: Carrier) -> None:
    unset, last = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"
    content = report(
        device,
        data=[reading(1), reading(2, timestamp=unset), reading(3, timestamp=last)],
        events=[event(4), event(5, timestamp=unset)],
    )
    data, name = as_json(content)

    uploaded = carrier.upload(data, name=name)
    process(uploaded)

    row = ledger_of([uploaded.pk])[uploaded.pk]
    assert (row.stored, row.reasons) == (2, {"bad-time": 3})
    assert (stored_ids(device), acknowledged()) == ([1], 5)
