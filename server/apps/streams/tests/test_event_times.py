"""Times of events that are named by a reading: in one report or two, in either order."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.streams.models import StreamId
from server.apps.streams.services.event_times import event_retiming_of
from server.apps.streams.services.events import NewEvent, store_posted_events
from server.apps.streams.services.partitions import make_partitions
from server.apps.streams.services.posting import NewReading, store_posted_readings
from server.apps.streams.services.streams import stream_writers
from server.apps.streams.store.batch import Kind
from server.apps.streams.store.connection import reading_cursor, writing_cursor
from server.apps.streams.store.retiming import retime_events
from server.apps.streams.tests.written import BOOT, NOON, Sender, event, row, rows_in, us
from server.lib.formats.packets import BEGIN, END
from server.lib.slugs import StreamSlug

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

LID: Final = 0x5020
THEN: Final = BOOT + timedelta(seconds=100)
CLEAN: Final = 1
GIVEN: Final = 3


@pytest.fixture
def sender(device: Device) -> Sender:
    hold(device, "pod-1m-accelerometer")
    return Sender(device)


def hold(device: Device, var_type: str, lid: int = LID) -> None:
    assert device.project_id is not None
    stream_writers(device_id=device.pk, project_id=device.project_id, lids={lid})
    StreamId.objects.filter(device=device, var_lid=lid).update(var_type=var_type)


def naming(number: int, *, id: int = 9, at: int = 100) -> Any:
    return row(id, at=at, value=number, lid=LID)


def times() -> list[tuple[object, ...]]:
    return rows_in("event", "seq, ts, status", "seq")


def in_one_report(sender: Sender) -> None:
    sender.send(naming(5), events=[event(5, lid=LID)], given=[None])


def event_first(sender: Sender) -> None:
    sender.send(events=[event(5, lid=LID)])
    sender.send(naming(5))


def reading_first(sender: Sender) -> None:
    sender.send(naming(5))
    Sender(sender.device, streamer_key=2).send(events=[event(5, lid=LID)])


@pytest.mark.parametrize("come", [in_one_report, event_first, reading_first])
def test_an_event_was_when_its_reading_says(sender: Sender, come: Callable[[Sender], None]) -> None:
    come(sender)

    assert times() == [(5, THEN, CLEAN)]


@pytest.mark.parametrize("come", [in_one_report, event_first, reading_first])
def test_what_comes_again_changes_nothing(sender: Sender, come: Callable[[Sender], None]) -> None:
    come(sender)
    come(sender)

    assert times() == [(5, THEN, CLEAN)]


def test_an_event_whose_reading_has_not_come_keeps_the_time_it_came_with(sender: Sender) -> None:
    sender.send(events=[event(5, lid=LID)])

    assert times() == [(5, NOON, GIVEN)]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (1, 0, 2)])
def test_of_several_readings_the_first_by_id_counts(sender: Sender, order: tuple[int, ...]) -> None:
    parts: list[Callable[[], object]] = [
        lambda: Sender(sender.device, streamer_key=2).send(events=[event(5, lid=LID)]),
        lambda: sender.send(naming(5, id=9, at=100)),
        lambda: sender.send(naming(5, id=20, at=700)),
    ]

    for place in order:
        parts[place]()

    assert times() == [(5, THEN, CLEAN)]


def test_its_reading_is_a_number_like_any_other(sender: Sender) -> None:
    sender.send(naming(5))

    assert rows_in("reading", "value, kind") == [(5.0, Kind.EVENT_NUMBER)]
    assert Kind.EVENT_NUMBER.code == "Num"


def test_a_reading_on_another_stream_names_nothing(sender: Sender) -> None:
    sender.send(row(9, at=100, value=5, lid=0x5021), events=[event(5, lid=LID)], given=[None])

    assert times() == [(5, NOON, GIVEN)]


@pytest.mark.parametrize("var_type", ["saver-event", "default-event", "pod-1m-accelerometer-v2"])
def test_events_of_other_types_keep_their_times(device: Device, var_type: str) -> None:
    hold(device, var_type)

    in_one_report(Sender(device))

    assert times() == [(5, NOON, GIVEN)]


def test_the_largest_ids_are_found(sender: Sender) -> None:
    sender.send(events=[event(0xFFFF_FFFF, lid=LID)])
    Sender(sender.device, streamer_key=2).send(naming(0xFFFF_FFFF))

    assert times() == [(0xFFFF_FFFF, THEN, CLEAN)]


def test_an_event_may_move_to_another_month(sender: Sender) -> None:
    make_partitions(now=NOON)
    sender.send(events=[event(5, lid=LID)])
    sender.send(naming(5, id=9, at=0), received=NOON - timedelta(days=90))

    assert times() == [(5, BOOT - timedelta(days=90), CLEAN)]


def test_a_report_that_names_no_events_asks_nothing_more(sender: Sender) -> None:
    sender.send(row(1))

    with CaptureQueriesContext(connections["streamdata"]) as queries:
        sender.send(row(2))

    assert not any("UPDATE event" in query["sql"] for query in queries)


# What is not in order


def move_events(moment: datetime) -> None:
    with connections["streamdata"].cursor() as cursor:
        cursor.execute("UPDATE event SET ts = %s", [moment])


def test_events_that_stand_elsewhere_than_their_readings_are_found(sender: Sender, device: Device) -> None:
    hold(device, "accelerometer-event", 0x5021)
    event_first(sender)
    packet = [
        row(20 + place, at=300, value=word, lid=0x5021) for place, word in enumerate([BEGIN, 0, 0, 0, 0, END])
    ]
    sender.send(*packet)
    move_events(NOON)

    with writing_cursor() as cursor:
        unsettled = event_retiming_of(cursor, device)
        retime_events(cursor, unsettled)

    assert unsettled.reading_id.tolist() == [5, 20]
    assert unsettled.old_us.tolist() == [us(NOON)] * 2
    assert times() == [(5, THEN, CLEAN), (20, BOOT + timedelta(seconds=300), CLEAN)]


def test_readings_from_before_the_stream_had_its_type_count_too(device: Device) -> None:
    hold(device, "default-event")
    in_one_report(Sender(device))
    hold(device, "pod-1m-accelerometer")

    with reading_cursor() as cursor:
        unsettled = event_retiming_of(cursor, device)

    assert unsettled.new_us.tolist() == [us(THEN)]


def test_where_all_is_in_order_nothing_is_found(sender: Sender, device: Device) -> None:
    event_first(sender)

    with reading_cursor() as cursor:
        assert len(event_retiming_of(cursor, device)) == 0


# What clients post


@pytest.mark.parametrize("first", ["event", "reading"])
def test_posted_events_get_the_times_of_posted_readings(
    sender: Sender, device: Device, bob: Account, first: str
) -> None:
    stream = StreamSlug.parse(StreamId.objects.get(var_lid=LID).slug)
    posts: list[Callable[[], object]] = [
        lambda: store_posted_events([NewEvent(stream, NOON, {}, reading_id=5)], by=bob),
        lambda: store_posted_readings([NewReading(stream, THEN, int_value=5, reading_id=9)], by=bob),
    ]

    for post in posts if first == "event" else reversed(posts):
        post()

    assert [(reading_id, ts) for reading_id, ts, _ in times()] == [(5, THEN)]


def test_events_without_an_id_are_named_by_nobody(sender: Sender, bob: Account) -> None:
    stream = StreamSlug.parse(StreamId.objects.get(var_lid=LID).slug)
    store_posted_events([NewEvent(stream, NOON, {})], by=bob)

    store_posted_readings([NewReading(stream, THEN, int_value=0)], by=bob)

    assert [(reading_id, ts) for reading_id, ts, _ in times()] == [(0, NOON)]
