"""Words of packets become events: once each, in whatever parts and order they come."""

import itertools
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from server.apps.devices.models import Device
from server.apps.streams.models import StreamId, VarType, VarTypeDecoder
from server.apps.streams.services.reports import packets
from server.apps.streams.services.streams import stream_writers
from server.apps.streams.tests.written import BOOT, NOON, Sender, event, row, rows_in
from server.lib.formats import Row
from server.lib.formats.packets import BEGIN, END

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

SHOCKS: Final = 0x5020
OTHERS: Final = 0x5021
WORDS: Final = [BEGIN, 0x000C0082, 0x1287, 0x0F25, 0xFFFFDAAC, END]
SHOCK: Final = {
    "axis": "z",
    "peak": 32 * 49 / 1000,
    "duration": 12,
    "delta_v_x": 4743 / 65536,
    "delta_v_y": 3877 / 65536,
    "delta_v_z": -9556 / 65536,
}
EMPTY: Final = [BEGIN, 0, 0, 0, 0, END]
NOTHING: Final = {
    "axis": "x",
    "peak": 0.0,
    "duration": 0,
    "delta_v_x": 0.0,
    "delta_v_y": 0.0,
    "delta_v_z": 0.0,
}


@pytest.fixture
def sender(device: Device) -> Sender:
    encode(device, SHOCKS, OTHERS)
    return Sender(device)


def encode(device: Device, *lids: int, var_type: str = "accelerometer-event") -> None:
    assert device.project_id is not None
    stream_writers(device_id=device.pk, project_id=device.project_id, lids=set(lids))
    StreamId.objects.filter(device=device, var_lid__in=lids).update(var_type=var_type)


def words(*values: int, first: int = 1, lid: int = SHOCKS, at: int = 100) -> list[Row]:
    """Return one word per reading id, all at one uptime."""
    return [row(first + place, at=at, value=value, lid=lid) for place, value in enumerate(values)]


def found() -> list[tuple[int, Any]]:
    """Return ids and documents of the events."""
    return [
        (int(str(reading_id)), json.loads(str(data)))
        for reading_id, data in rows_in("event", "seq, extra_data::text", "seq")
    ]


def broken(first: int, last: int, error: str) -> tuple[int, dict[str, Any]]:
    return first, {"error": error, "start": first, "end": last}


def test_a_packet_becomes_an_event(sender: Sender) -> None:
    sender.send(*words(*WORDS))

    assert found() == [(1, SHOCK)]


def test_its_event_was_when_its_first_word_was(sender: Sender) -> None:
    rows = words(*WORDS)
    rows = [rows[0], *(row(id, at=at + 7, value=value, lid=lid) for lid, id, at, value in rows[1:])]

    sender.send(*rows)

    assert rows_in("event", "ts, device_ts, status") == [(BOOT + timedelta(seconds=100), 100, 1)]


def test_its_words_are_rows_without_value(sender: Sender, device: Device) -> None:
    sender.send(*words(*WORDS))

    assert rows_in("reading", "seq, kind, value") == [
        (id, kind, None) for id, kind in enumerate([2, 3, 3, 3, 3, 4], start=1)
    ]
    assert rows_in("rollup_hour") == []


def test_packets_of_several_streams_may_lie_in_each_other(sender: Sender) -> None:
    one = [row(1 + 2 * place, value=value, lid=SHOCKS) for place, value in enumerate(WORDS)]
    other = [row(2 + 2 * place, value=value, lid=OTHERS) for place, value in enumerate(EMPTY)]

    sender.send(*one, *other)

    assert found() == [(1, SHOCK), (2, NOTHING)]


def test_an_event_that_was_uploaded_to_the_same_stream_stays(sender: Sender) -> None:
    sender.send(events=[event(1, lid=SHOCKS, summary=7)])

    sender.send(*words(*WORDS, first=2))

    assert found() == [(1, {"n": 7}), (2, SHOCK)]


# What cannot be read


@pytest.mark.parametrize(
    ("inner", "error"),
    [
        ([], "The packet has 0 words and not 4."),
        ([1, 2, 3], "The packet has 3 words and not 4."),
        ([1, 2, 3, 4, 5], "The packet has 5 words and not 4."),
    ],
)
def test_a_packet_of_another_length_says_so(sender: Sender, inner: list[int], error: str) -> None:
    sender.send(*words(BEGIN, *inner, END, *WORDS))

    assert found() == [broken(1, 2 + len(inner), error), (3 + len(inner), SHOCK)]


def test_a_begin_inside_of_a_packet_begins_another(sender: Sender) -> None:
    sender.send(*words(BEGIN, 1, 2, *WORDS))

    error = "The packet cannot be read: another packet begins before its end."
    assert found() == [broken(1, 3, error), (4, SHOCK)]


def test_an_end_without_begin_is_no_event(sender: Sender) -> None:
    sender.send(*words(7, 8, END, *WORDS, END))

    assert found() == [(4, SHOCK)]
    assert len(rows_in("reading")) == 10


def test_a_packet_without_end_is_an_event_when_it_is_too_long(sender: Sender) -> None:
    sender.send(*words(BEGIN, *range(300)))

    assert found() == [broken(1, 258, "The packet cannot be read: it has more than 256 words.")]


def test_a_type_without_decoder_stops_nothing(sender: Sender, device: Device) -> None:
    VarType.objects.create(slug="odd", name="Odd", stream_data_type="E1")
    encode(device, SHOCKS, var_type="odd")

    sender.send(*words(*WORDS), row(20))

    assert found() == [broken(1, 6, "The variable type odd has no decoder.")]
    assert len(rows_in("reading")) == 7


@pytest.mark.parametrize(
    ("raw", "info"),
    [("LLLL", {}), ("<LLLL", {"decoding": ["x"]}), ("<LLLL", []), ("<LLLL", {"decoding": None})],
)
def test_a_decoder_that_cannot_be_read_stops_nothing(sender: Sender, raw: str, info: Any) -> None:
    VarTypeDecoder.objects.filter(var_type="accelerometer-event").update(
        raw_packet_format=raw, packet_info=info
    )

    sender.send(*words(*WORDS))

    [(_, document)] = found()
    assert document["error"].startswith("The decoder of accelerometer-event cannot be read: ")


def test_words_of_a_disabled_stream_make_no_event(sender: Sender) -> None:
    StreamId.objects.filter(var_lid=SHOCKS).update(enabled=False)

    sender.send(*words(*WORDS))

    assert (found(), rows_in("reading")) == ([], [])


def test_whatever_has_a_decoder_is_encoded(sender: Sender) -> None:
    VarType.objects.filter(pk="accelerometer-event").update(stream_data_type="00")

    sender.send(*words(*WORDS))

    assert found() == [(1, SHOCK)]


def test_a_stream_without_type_has_that_of_its_variable(sender: Sender) -> None:
    stream = StreamId.objects.get(var_lid=SHOCKS)
    stream.variable.var_type_id = "accelerometer-event"
    stream.variable.save()
    StreamId.objects.filter(pk=stream.pk).update(var_type=None)

    sender.send(*words(*WORDS))

    assert found() == [(1, SHOCK)]


def test_a_device_that_sends_noise_does_not_fill_the_table(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packets, "MOST_BROKEN", 5)

    sender.send(*words(*[BEGIN, 1] * 20, *WORDS))

    assert [reading_id for reading_id, _ in found()] == [1, 3, 5, 7, 9, 41]


# In parts


def cut(values: Sequence[int], *places: int) -> list[list[Row]]:
    rows, edges = words(*values), [0, *places, len(values)]
    return [rows[start:end] for start, end in itertools.pairwise(edges)]


@pytest.mark.parametrize("place", range(1, 12))
def test_a_packet_that_is_cut_is_whole_with_its_sequel(sender: Sender, place: int) -> None:
    for part in cut([*WORDS, *EMPTY], place):
        sender.send(*part)

    assert found() == [(1, SHOCK), (7, NOTHING)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("places", [(2, 4), (1, 9), (7, 8)])
def test_the_order_in_which_the_parts_come_changes_nothing(
    sender: Sender, order: Sequence[int], places: tuple[int, int]
) -> None:
    parts = cut([*WORDS, *EMPTY], *places)

    for place in order:
        sender.send(*parts[place])

    assert found() == [(1, SHOCK), (7, NOTHING)]


MINUS: Final = [BEGIN, 0x000C0082, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF, END]
"""Changes of velocity that look like marks."""


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("place", range(7, 12))
def test_numbers_that_look_like_marks_are_sorted_out_in_the_end(
    sender: Sender, place: int, order: tuple[int, int]
) -> None:
    """-2 followed by -1 separates packets; here they are only in the other order."""
    minus = [MINUS[0], MINUS[1], MINUS[2], 5, MINUS[3], END]
    parts = cut([*WORDS, *minus, *EMPTY], place)

    for each in order:
        sender.send(*parts[each])

    tiny = {**SHOCK, "delta_v_x": -1 / 65536, "delta_v_y": 5 / 65536, "delta_v_z": -2 / 65536}
    assert found() == [(1, SHOCK), (7, tiny), (13, NOTHING)]


def test_a_packet_that_seemed_too_short_is_put_right_by_what_comes_late(sender: Sender) -> None:
    whole = words(*WORDS)
    sender.send(*whole[:2])
    sender.send(*whole[4:], *words(*EMPTY, first=7))
    assert found()[0] == broken(1, 6, "The packet has 2 words and not 4.")

    sender.send(*whole[2:4])

    assert found() == [(1, SHOCK), (7, NOTHING)]


def test_a_packet_stays_open_until_its_end_comes(sender: Sender) -> None:
    parts = cut(WORDS, 3)

    sender.send(*parts[0])
    assert found() == []

    sender.send(*parts[1])
    assert found() == [(1, SHOCK)]


def test_an_open_packet_is_given_up_when_the_next_one_begins(sender: Sender) -> None:
    sender.send(*words(*WORDS[:3]))

    sender.send(*words(*EMPTY, first=10))

    error = "The packet cannot be read: another packet begins before its end."
    assert found() == [broken(1, 3, error), (10, NOTHING)]


def test_a_sequel_is_found_after_years_and_among_others(sender: Sender) -> None:
    """By its id: the time of what is stored does not matter."""
    parts = cut(WORDS, 3)
    sender.send(*words(*EMPTY, first=100, lid=OTHERS), received=NOON - timedelta(days=9))
    sender.send(*parts[1])

    sender.send(*parts[0], received=NOON - timedelta(days=2000))

    assert (1, SHOCK) in found()


def test_an_id_that_is_far_off_hides_no_packet(sender: Sender) -> None:
    sender.send(*words(*EMPTY, first=100_000), row(1, lid=SHOCKS), row(0xFFFF_FFF0, lid=SHOCKS, value=BEGIN))

    sender.send(*words(*WORDS, first=100_006))

    assert found() == [(100_000, NOTHING), (100_006, SHOCK)]


def test_many_packets_in_many_reports_are_all_there(sender: Sender) -> None:
    values = [word for number in range(200) for word in [BEGIN, number << 16, 0, 0, 0, END]]
    rows = words(*values)
    parts = [rows[start : start + 77] for start in range(0, len(rows), 77)]

    for part in [*parts[1::2], *parts[::2], *parts]:
        sender.send(*part)

    assert [(reading_id, data["duration"]) for reading_id, data in found()] == [
        (1 + 6 * n, n) for n in range(200)
    ]


# Once


def test_the_same_report_again_makes_no_second_event(sender: Sender) -> None:
    for _ in range(3):
        sender.send(*words(*WORDS))

    assert found() == [(1, SHOCK)]


def test_its_uuid_comes_of_stream_and_id(sender: Sender) -> None:
    key = StreamId.objects.get(var_lid=SHOCKS).key

    sender.send(*words(*WORDS))

    assert rows_in("event", "uuid::text") == [(str(packets.packet_event_id(key, 1)),)]


def test_what_a_person_corrected_stays(sender: Sender) -> None:
    sender.send(*words(*WORDS[:4]))
    sender.send(*words(*WORDS, first=1))
    change_event({"axis": "y"})

    sender.send(*words(*EMPTY, first=7))

    assert found() == [(1, {"axis": "y"}), (7, NOTHING)]


def change_event(document: dict[str, Any]) -> None:
    with connections["streamdata"].cursor() as cursor:
        cursor.execute("UPDATE event SET extra_data = %s WHERE seq = 1", [json.dumps(document)])


def test_a_report_without_words_of_packets_asks_nothing_more(sender: Sender) -> None:
    sender.send(row(1))

    with (
        CaptureQueriesContext(connections["streamdata"]) as of_data,
        CaptureQueriesContext(connections["default"]) as of_core,
    ):
        sender.send(row(2), row(3))

    assert not any(
        "hour_range" in query["sql"] or "decoder" in query["sql"] for query in [*of_data, *of_core]
    )
