"""From reports to rows: what is new, its time, its value, and the progress of its streamer."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from server.apps.devices.models import Device
from server.apps.streams.models import StreamId, StreamVariable
from server.apps.streams.selectors.data import Progress, latest_values, ledger_of, progress_of
from server.apps.streams.selectors.readings import page_of_readings
from server.apps.streams.services.streams import MOST_STREAMS_PER_DEVICE
from server.apps.streams.tests.written import (
    BOOT,
    IO_1,
    NOON,
    REBOOT,
    UPTIME_S,
    Sender,
    event,
    row,
    rows_in,
    stored_ids,
)
from server.lib.timeseries import Coverage
from server.lib.units import LARGEST

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.fixture
def sender(device: Device) -> Sender:
    return Sender(device)


def progress(streamer_key: int = 1) -> Progress:
    return progress_of([streamer_key])[streamer_key]


# What is kept of a reading


def test_a_reading_keeps_word_time_and_id(sender: Sender) -> None:
    sender.send(row(7, at=60, value=10))

    [(ts, reading_id, int_value, raw_time)] = rows_in("reading", "ts, seq, int_value, device_ts")
    assert (ts, reading_id, int_value, raw_time) == (BOOT + timedelta(seconds=60), 7, 10, 60)


def test_its_value_is_in_the_storage_unit(sender: Sender) -> None:
    sender.send(row(7, value=10))

    assert rows_in("reading", "value, kind") == [(pytest.approx(37.8541), 1)]


def test_a_stream_without_input_unit_keeps_plain_numbers(sender: Sender) -> None:
    sender.send(row(7, value=0xFFFF_FFFB, lid=0x5002))

    assert rows_in("reading", "value, kind") == [(float(0xFFFF_FFFB), 0)]


def test_two_reports_of_absurd_values_within_an_hour_are_stored(sender: Sender) -> None:
    sender.send(row(1, lid=0x5002))
    StreamId.objects.filter(var_lid=0x5002).update(mdo_type="S", offset=1.7e308)
    sender.send(row(2, at=10, lid=0x5002))

    sender.send(row(3, at=20, lid=0x5002))

    assert rows_in("reading", "value", "seq")[1:] == [(LARGEST,), (LARGEST,)]


def test_a_signed_stream_reads_words_as_signed(sender: Sender) -> None:
    sender.send(row(1, lid=0x5002))
    StreamId.objects.filter(var_lid=0x5002).update(raw_value_format="<l")

    sender.send(row(2, value=0xFFFF_FFFB, lid=0x5002))

    assert rows_in("reading", "value", "seq")[1] == (-5.0,)


def test_a_streams_own_factors_go_before_its_variables(sender: Sender) -> None:
    sender.send(row(1, lid=0x5002))
    StreamVariable.objects.filter(lid=0x5002).update(multiplication_factor=100)
    sender.send(row(2, value=7, lid=0x5002))
    StreamId.objects.filter(var_lid=0x5002).update(mdo_type="S", division_factor=2, offset=1.0)

    sender.send(row(3, value=7, lid=0x5002))

    assert rows_in("reading", "value", "seq")[1:] == [(700.0,), (4.5,)]


def test_the_largest_words_come_back_unsigned(sender: Sender, device: Device) -> None:
    sender.send(row(7, at=0xFFFF_FFFE, value=0xFFFF_FFFF))

    [reading] = page_of_readings(list(device.streams.all()), start=None, end=None, limit=9)
    assert (reading.int_value, reading.raw_time) == (0xFFFF_FFFF, 0xFFFF_FFFE)


def test_weak_point_23_a_reading_of_a_dictionary_without_a_time_stands_at_the_reception(
    sender: Sender,
) -> None:
    sender.send(row(7, at=0xFFFF_FFFF), given=[None])

    assert rows_in("reading", "ts, device_ts, status") == [(NOON, None, 0)]


def test_the_time_that_a_dictionary_gives_wins(sender: Sender) -> None:
    given = datetime(2020, 2, 29, 23, 59, 59, 123456, tzinfo=UTC)

    sender.send(row(7, at=60), given=[given])

    assert rows_in("reading", "ts, status") == [(given, 3)]


@pytest.mark.parametrize("year", [1, 9999])
def test_the_ends_of_the_calendar_can_be_stored_and_read(sender: Sender, device: Device, year: int) -> None:
    extreme = datetime(year, 1 if year == 1 else 12, 2, tzinfo=UTC)

    sender.send(row(7), given=[extreme])

    [reading] = page_of_readings(list(device.streams.all()), start=None, end=None, limit=9)
    assert reading.ts == extreme
    assert latest_values(device.streams.all())[reading.stream_key].ts == extreme


def test_streams_come_into_being_with_their_first_reading(sender: Sender, device: Device) -> None:
    sender.send(row(1, lid=0x500F), row(2, lid=REBOOT), row(3, lid=IO_1))

    assert [stream.var_lid for stream in device.streams.order_by("var_lid")] == [IO_1, 0x500F, REBOOT]


# New and seen before


def test_the_same_report_again_stores_nothing(sender: Sender) -> None:
    rows = [row(id, at=id) for id in range(1, 21)]
    sender.send(*rows)

    again = sender.send(*rows)

    assert stored_ids() == list(range(1, 21))
    assert (again.ledger.stored, again.ledger.duplicate) == (0, 20)


def test_overlapping_reports_store_the_rest(sender: Sender) -> None:
    sender.send(*[row(id) for id in range(1, 21)])

    second = sender.send(*[row(id) for id in range(11, 31)])

    assert stored_ids() == list(range(1, 31))
    assert (second.ledger.stored, second.ledger.duplicate) == (10, 10)
    assert (second.ledger.first_id, second.ledger.last_id) == (21, 30)


def test_the_same_reading_with_another_time_is_the_same_reading(sender: Sender) -> None:
    """The second of two uploads is received, and so placed, a second later."""
    sender.send(row(5, at=60))

    sender.send(row(5, at=60), received=NOON + timedelta(seconds=1))

    assert stored_ids() == [5]


def test_a_reading_twice_in_one_report_is_stored_once(sender: Sender) -> None:
    written = sender.send(row(5, value=1), row(5, value=2), row(6))

    assert stored_ids() == [5, 6]
    assert (written.ledger.received, written.ledger.stored, written.ledger.duplicate) == (3, 2, 1)


def test_a_late_report_fills_its_gap(sender: Sender) -> None:
    sender.send(*[row(id) for id in range(1, 11)])
    sender.send(*[row(id) for id in range(31, 41)])

    late = sender.send(*[row(id) for id in range(11, 31)])

    assert stored_ids() == list(range(1, 41))
    assert late.ledger.stored == 20


def test_a_late_report_does_not_move_the_acknowledgement_back(sender: Sender) -> None:
    sender.send(row(40))

    late = sender.send(row(12))

    assert (late.last_id, progress().last_id) == (40, 40)


def test_ids_between_the_readings_of_a_report_belong_to_others(sender: Sender) -> None:
    """Another streamer of the device took them; if they came here, they would be duplicates."""
    sender.send(row(10), row(20))

    assert sender.send(row(15)).ledger.duplicate == 1


def test_a_file_that_is_not_in_order_is_stored_whole(sender: Sender) -> None:
    sender.send(row(5, value=50), row(3, value=30), row(4, value=40), row(1, value=10))

    assert rows_in("reading", "seq, int_value", "seq") == [(1, 10), (3, 30), (4, 40), (5, 50)]
    assert progress().last_id == 5


def test_times_follow_the_ids_and_not_the_places_in_the_file(sender: Sender) -> None:
    """The reboot happened second, wherever it is in the file."""
    in_order = [row(1, at=500), row(2, at=3, lid=REBOOT), row(3, at=100)]
    sender.send(*in_order)
    expected = rows_in("reading", "seq, ts", "seq")

    Sender(sender.device, streamer_key=2).send(*reversed(in_order))

    assert rows_in("reading", "seq, ts", "seq")[1::2] == expected
    assert rows_in("reading", "seq, ts", "seq")[::2] == expected


def test_readings_without_an_id_are_refused_and_the_others_stored(sender: Sender) -> None:
    written = sender.send(row(0), row(5), row(0))

    assert stored_ids() == [5]
    assert (written.ledger.refused, written.ledger.reasons) == (2, {"no-id": 2})
    assert progress().last_id == 5


def test_a_report_without_any_id_acknowledges_nothing(sender: Sender) -> None:
    sender.send(row(0))

    assert (progress().last_id, progress().covered) == (0, Coverage())


def test_an_empty_report_stores_nothing_and_has_a_ledger(sender: Sender) -> None:
    written = sender.send()

    assert (written.ledger.received, written.ledger.stored, written.last_id) == (0, 0, 0)
    assert rows_in("report_ledger", "received, stored") == [(0, 0)]


# Streams that are not stored


def test_readings_of_a_disabled_stream_are_refused_and_counted(sender: Sender) -> None:
    sender.send(row(1))
    StreamId.objects.filter(var_lid=IO_1).update(enabled=False)

    written = sender.send(row(2), row(3, lid=0x5002), row(4))

    assert stored_ids() == [1, 3]
    assert (written.ledger.refused, written.ledger.reasons) == (2, {"stream-disabled": 2})


def test_a_disabled_stream_is_acknowledged_all_the_same(sender: Sender) -> None:
    """Otherwise its device would send the same readings forever."""
    sender.send(row(1))
    StreamId.objects.filter(var_lid=IO_1).update(enabled=False)

    assert sender.send(row(9)).last_id == 9


def test_a_device_that_invents_streams_gets_so_many_and_no_more(sender: Sender, device: Device) -> None:
    more = MOST_STREAMS_PER_DEVICE + 10
    written = sender.send(*[row(1 + n, lid=0x1000 + n) for n in range(more)])

    assert device.streams.count() == MOST_STREAMS_PER_DEVICE
    # One of them was there before: the device's own.
    assert written.ledger.reasons == {"too-many-streams": 11}
    assert written.ledger.stored == more - 11


def test_the_streams_that_a_device_has_go_on_when_it_invents_others(sender: Sender) -> None:
    sender.send(*[row(1 + n, lid=0x1000 + n) for n in range(MOST_STREAMS_PER_DEVICE + 10)])

    written = sender.send(row(9000, lid=IO_1), row(9001, lid=0x7FFF))

    assert (written.ledger.stored, written.ledger.reasons) == (1, {"too-many-streams": 1})


# The ledger and the streamer's progress


def test_the_ledger_adds_up(sender: Sender) -> None:
    sender.send(row(1), row(2))
    report = uuid.uuid4()

    sender.send(row(0), row(2), row(3), row(4), row(3), report_id=report)

    ledger = ledger_of([report])[report]
    assert (ledger.received, ledger.stored, ledger.duplicate, ledger.refused) == (5, 2, 2, 1)
    assert (ledger.first_id, ledger.last_id) == (3, 4)
    assert ledger.worked_off_on is not None


def test_a_job_that_runs_again_leaves_the_ledger_of_the_first_run(sender: Sender) -> None:
    report = uuid.uuid4()
    sender.send(row(1), row(2), report_id=report)
    first = ledger_of([report])

    sender.send(row(1), row(2), report_id=report)

    assert ledger_of([report]) == first


def test_the_last_reboot_is_that_of_the_newest_report(sender: Sender) -> None:
    sender.send(row(1), received=NOON, sent_s=UPTIME_S)
    sender.send(row(9), received=NOON + timedelta(days=1), sent_s=100)
    sender.send(row(5), received=NOON + timedelta(days=2), sent_s=50)

    assert progress().last_reboot == NOON + timedelta(days=1, seconds=-100)


def test_the_previous_report_places_what_comes_before_a_reboot(sender: Sender) -> None:
    sender.send(row(1, at=50), received=NOON, sent_s=300)

    sender.send(row(2, at=350), row(3, at=10, lid=REBOOT), received=NOON + timedelta(minutes=10), sent_s=300)

    assert rows_in("reading", "ts, status", "seq")[1] == (NOON + timedelta(seconds=50), 1)


def test_streamers_have_progress_of_their_own(device: Device) -> None:
    Sender(device, streamer_key=1).send(row(5))
    Sender(device, streamer_key=2).send(row(9, lid=0x5002))

    assert {key: p.last_id for key, p in progress_of([1, 2, 3]).items()} == {1: 5, 2: 9}


# Events


def test_an_event_keeps_its_summary_and_where_its_data_is(sender: Sender) -> None:
    sender.send(events=[event(5, summary=42, large=True), event(6)])

    assert rows_in("event", "seq, ts, extra_data::text, object_key", "seq") == [
        (5, NOON, '{"n": 42}', "events/5"),
        (6, NOON, '{"n": 0}', None),
    ]


def test_an_event_is_stored_once(sender: Sender) -> None:
    for _ in range(2):
        sender.send(events=[event(5), event(6)])

    assert rows_in("event", "seq") == [(5,), (6,)]


def test_the_same_run_gives_an_event_the_same_uuid(sender: Sender) -> None:
    report = uuid.uuid4()
    sender.send(events=[event(5)], report_id=report)

    assert rows_in("event", "uuid") == [(uuid.uuid5(report, "5"),)]


def test_events_and_readings_share_one_counter(sender: Sender) -> None:
    written = sender.send(row(5), events=[event(5), event(6)])

    assert (written.ledger.stored, written.ledger.duplicate, written.last_id) == (2, 1, 6)
    assert (stored_ids(), rows_in("event", "seq")) == ([5], [(6,)])


def test_an_event_of_a_disabled_stream_is_refused(sender: Sender) -> None:
    sender.send(row(1))
    StreamId.objects.filter(var_lid=IO_1).update(enabled=False)

    assert sender.send(events=[event(5)]).ledger.reasons == {"stream-disabled": 1}
    assert rows_in("event") == []
