"""The header, readings and times of a dictionary report. All tests run on both forms."""

from typing import cast

import pytest

from server.lib.formats import (
    NO_TIME,
    NOT_GIVEN,
    Flaw,
    SignatureKind,
)
from server.lib.formats.tests.dictionaries import (
    Map,
    Read,
    a_reading,
    a_report,
    an_event,
    read,
    refused,
    without,
)

__all__ = ["read"]  # fixtures

FIRST_SECOND_OF_2020_US = 1_577_836_800_000_000


def test_the_header_is_read(read: Read) -> None:
    header = read(a_report(data=[a_reading()], events=[an_event()])).header

    assert (header.format, header.device_id, header.report_id) == ("dictionary", 10, 4)
    assert (header.streamer_index, header.selector, header.sent_s) == (256, 65535, 50)
    assert (header.lowest_id, header.highest_id, header.count) == (1, 3, 2)
    assert header.signature is SignatureKind.NONE


@pytest.mark.parametrize(
    "key",
    [
        "format",
        "device",
        "streamer_index",
        "streamer_selector",
        "device_sent_timestamp",
        "lowest_id",
        "highest_id",
    ],
)
def test_a_missing_key_is_named(read: Read, key: str) -> None:
    assert refused(read, without(a_report(), key)) == ("missing-field", key)


@pytest.mark.parametrize("key", ["stream", "streamer_local_id", "value"])
def test_a_missing_key_of_a_reading_is_named(read: Read, key: str) -> None:
    contents = a_report(data=[a_reading(), without(a_reading(), key)])

    assert refused(read, contents) == ("missing-field", f"data[1].{key}")


@pytest.mark.parametrize("key", ["stream", "streamer_local_id"])
def test_a_missing_key_of_an_event_is_named(read: Read, key: str) -> None:
    contents = a_report(events=[an_event(), without(an_event(), key)])

    assert refused(read, contents) == ("missing-field", f"events[1].{key}")


@pytest.mark.parametrize(
    "key",
    [
        "device",
        "streamer_index",
        "streamer_selector",
        "device_sent_timestamp",
        "incremental_id",
        "lowest_id",
        "highest_id",
    ],
)
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("10", "bad-type"),
        (True, "bad-type"),
        (1.5, "bad-type"),
        ([1], "bad-type"),
        (-1, "out-of-range"),
        (2**48, "out-of-range"),
        (-1.0, "out-of-range"),
        (1e300, "out-of-range"),
    ],
)
def test_a_header_number_of_wrong_type_or_range_is_named(
    read: Read, key: str, value: object, reason: str
) -> None:
    assert refused(read, a_report(**{key: value})) == (reason, key)


@pytest.mark.parametrize(
    ("key", "highest"),
    [
        ("device", 2**48 - 1),
        ("streamer_index", 0xFFFF),
        ("streamer_selector", 0x1FFFF),
        ("device_sent_timestamp", 2**32 - 1),
        ("incremental_id", 2**32 - 1),
        ("lowest_id", 2**32 - 1),
        ("highest_id", 2**32 - 1),
    ],
)
def test_the_highest_header_number_is_taken_and_the_next_is_not(read: Read, key: str, highest: int) -> None:
    read(a_report(**{key: highest}))

    assert refused(read, a_report(**{key: highest + 1})) == ("out-of-range", key)


@pytest.mark.parametrize("missing", [None, "absent"])
def test_a_report_without_id_has_id_0(read: Read, missing: str | None) -> None:
    contents = a_report(incremental_id=None)
    if missing is not None:
        contents = without(contents, "incremental_id")

    assert read(contents).header.report_id == 0


@pytest.mark.parametrize("sent", [0, 0xFFFFFFFF, 4294967295.0])
def test_a_sent_time_that_means_unknown_is_none(read: Read, sent: float) -> None:
    assert read(a_report(device_sent_timestamp=sent)).header.sent_s is None


@pytest.mark.parametrize("key", ["events", "data"])
def test_a_missing_list_is_an_empty_one(read: Read, key: str) -> None:
    assert read(without(a_report(), key)).header.count == 0


@pytest.mark.parametrize("key", ["events", "data"])
def test_a_null_list_is_an_empty_one(read: Read, key: str) -> None:
    assert read(a_report(**{key: None})).header.count == 0


@pytest.mark.parametrize("key", ["events", "data"])
@pytest.mark.parametrize("value", [{}, "x", 1, False])
def test_a_list_that_is_none_is_named(read: Read, key: str, value: object) -> None:
    assert refused(read, a_report(**{key: value})) == ("bad-type", key)


@pytest.mark.parametrize("key", ["events", "data"])
def test_an_item_that_is_no_map_is_named(read: Read, key: str) -> None:
    assert refused(read, a_report(**{key: [7]})) == ("bad-type", f"{key}[0]")


def test_keys_that_nobody_knows_are_ignored(read: Read) -> None:
    contents = a_report(colour="red", data=[a_reading(extra=[{}])], events=[an_event(more=None)])

    assert read(contents).header.count == 2


@pytest.mark.parametrize("contents", [[], 7, "v100", None])
def test_a_file_that_is_no_map_is_refused(read: Read, contents: object) -> None:
    assert refused(read, cast(Map, contents)) == ("not-a-map", None)


@pytest.mark.parametrize("tag", ["v999", "V100", "", 100, None])
def test_another_format_tag_is_refused(read: Read, tag: object) -> None:
    assert refused(read, a_report(format=tag)) == ("unknown-tag", "format")


@pytest.mark.parametrize(
    ("stream", "code"), [(20512, 0x5020), ("5020", 0x5020), ("5C0a", 0x5C0A), (20512.0, 0x5020), ("0000", 0)]
)
def test_a_stream_is_a_number_or_four_hex_digits(read: Read, stream: object, code: int) -> None:
    report = read(a_report(data=[a_reading(stream=stream)], events=[an_event(stream=stream)]))

    assert report.readings["lid"].tolist() == [code]
    assert report.events[0].lid == code


@pytest.mark.parametrize(
    ("stream", "reason"),
    [
        ("", "bad-stream"),
        ("501", "bad-stream"),
        ("05001", "bad-stream"),
        ("0x50", "bad-stream"),
        ("50 1", "bad-stream"),
        ("+501", "bad-stream"),
        ("5_01", "bad-stream"),
        ("\u0665\u0660\u0660\u0661", "bad-stream"),
        (65536, "out-of-range"),
        (-1, "out-of-range"),
        (None, "bad-type"),
    ],
)
def test_another_stream_is_refused(read: Read, stream: object, reason: str) -> None:
    assert refused(read, a_report(data=[a_reading(stream=stream)])) == (reason, "data[0].stream")


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (0, 0),
        (2**32 - 1, 0xFFFFFFFF),
        (-1, 0xFFFFFFFF),
        (-(2**31), 0x80000000),
        (4294967295.0, 0xFFFFFFFF),
        (-2.0, 0xFFFFFFFE),
    ],
)
def test_a_value_is_kept_as_its_32_bit_word(read: Read, value: float, word: int) -> None:
    assert read(a_report(data=[a_reading(value=value)])).readings["value"].tolist() == [word]


def test_a_null_value_costs_only_its_reading(read: Read) -> None:
    report = read(a_report(data=[a_reading(), a_reading(value=None), a_reading(value=8)]))

    assert report.flaws is not None
    assert report.flaws.tolist() == [Flaw.NONE, Flaw.NO_VALUE, Flaw.NONE]
    assert report.readings["value"].tolist() == [7, 0, 8]
    assert (report.header.count, report.header.flaws) == (3, {Flaw.NO_VALUE: 1})


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_time_at_an_end_of_the_calendar_costs_only_what_has_it(read: Read, text: str) -> None:
    report = read(
        a_report(data=[a_reading(), a_reading(timestamp=text)], events=[an_event(), an_event(timestamp=text)])
    )

    assert report.flaws is not None
    assert report.flaws.tolist() == [Flaw.NONE, Flaw.BAD_TIME]
    assert [event.flaw for event in report.events] == [Flaw.NONE, Flaw.BAD_TIME]
    assert report.header.flaws == {Flaw.BAD_TIME: 2}


def test_a_report_without_flaws_has_no_column_of_them(read: Read) -> None:
    report = read(a_report(data=[a_reading()]))

    assert (report.flaws, report.header.flaws) == (None, {})


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (2**32, "out-of-range"),
        (-(2**31) - 1, "out-of-range"),
        (1.5, "bad-type"),
        ("7", "bad-type"),
        (True, "bad-type"),
    ],
)
def test_a_value_that_is_no_word_is_named(read: Read, value: object, reason: str) -> None:
    contents = a_report(data=[a_reading(), a_reading(value=value)])

    assert refused(read, contents) == (reason, "data[1].value")


@pytest.mark.parametrize("reading_id", [0, 2**31, 2**32 - 1, 4294967295.0])
def test_reading_ids_have_32_bits(read: Read, reading_id: float) -> None:
    contents = a_report(
        data=[a_reading(streamer_local_id=reading_id)], events=[an_event(streamer_local_id=reading_id)]
    )

    report = read(contents)

    assert report.readings["reading_id"].tolist() == [reading_id]
    assert report.events[0].reading_id == reading_id


@pytest.mark.parametrize("reading_id", [-1, 2**32])
def test_other_reading_ids_are_refused(read: Read, reading_id: int) -> None:
    contents = a_report(events=[an_event(streamer_local_id=reading_id)])

    assert refused(read, contents) == ("out-of-range", "events[0].streamer_local_id")


@pytest.mark.parametrize("raw_time", [None, 0xFFFFFFFF, 4294967295.0])
def test_a_raw_time_that_means_unknown_is_no_time(read: Read, raw_time: float | None) -> None:
    contents = a_report(
        data=[a_reading(device_timestamp=raw_time)], events=[an_event(device_timestamp=raw_time)]
    )

    report = read(contents)

    assert report.readings["raw_time"].tolist() == [NO_TIME]
    assert report.events[0].raw_time is None


def test_a_time_that_is_not_there_is_like_null(read: Read) -> None:
    reading = without(without(a_reading(), "device_timestamp"), "timestamp")
    event = without(without(an_event(), "device_timestamp"), "timestamp")

    report = read(a_report(data=[reading], events=[event]))

    assert report.given_us is not None
    assert (report.readings["raw_time"].tolist(), report.given_us.tolist()) == ([NO_TIME], [NOT_GIVEN])
    assert (report.events[0].raw_time, report.events[0].given_us) == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        "2020-01-01T00:00:00",
        "2020-01-01T00:00:00Z",
        "2020-01-01T00:00:00.000Z",
        "2020-01-01T01:00:00+01:00",
    ],
)
def test_a_given_time_is_utc_unless_it_says_otherwise(read: Read, text: str) -> None:
    report = read(a_report(data=[a_reading(timestamp=text)], events=[an_event(timestamp=text)]))

    assert report.given_us is not None
    assert report.given_us.tolist() == [FIRST_SECOND_OF_2020_US]
    assert report.events[0].given_us == FIRST_SECOND_OF_2020_US


def test_readings_with_and_without_given_time_may_be_mixed(read: Read) -> None:
    report = read(a_report(data=[a_reading(timestamp=None), a_reading()]))

    assert report.given_us is not None
    assert report.given_us.tolist() == [NOT_GIVEN, FIRST_SECOND_OF_2020_US]


@pytest.mark.parametrize(("timestamp", "reason"), [("noon", "bad-timestamp"), (1577836800, "bad-type")])
def test_a_given_time_that_is_none_is_named(read: Read, timestamp: object, reason: str) -> None:
    contents = a_report(events=[an_event(timestamp=timestamp)])

    assert refused(read, contents) == (reason, "events[0].timestamp")


def test_the_order_of_the_file_is_kept(read: Read) -> None:
    ids = [9, 2, 5]

    report = read(a_report(data=[a_reading(streamer_local_id=i) for i in ids]))

    assert report.readings["reading_id"].tolist() == ids
