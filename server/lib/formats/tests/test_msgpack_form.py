"""MessagePack itself, and differences between its writers."""

import datetime
from typing import cast

import msgpack
import pytest

from server.lib.formats import FormatError, decode, msgpack_form
from server.lib.formats.payload import MAX_CONTAINERS, MAX_VALUES, check_payload
from server.lib.formats.tests.vectors import VECTORS, no_keys


def packed(value: object, **options: object) -> bytes:
    return cast(bytes, msgpack.packb(value, **options))


def refused(data: bytes) -> tuple[str, int | None]:
    with pytest.raises(FormatError) as caught:
        msgpack_form.load(data)
    return caught.value.reason, caught.value.offset


def array_head(count: int) -> bytes:
    return b"\xdd" + count.to_bytes(4, "big")


def test_text_in_any_of_its_three_codings_is_text() -> None:
    as_str, as_raw = packed({"a": ["b"]}), packed({"a": ["b"]}, use_bin_type=False)
    as_bin = packed({b"a": [b"b"]}, use_bin_type=True)

    loaded = [msgpack_form.load(data) for data in (as_str, as_raw, as_bin)]

    assert loaded == [{"a": ["b"]}] * 3


def test_a_report_written_all_in_bin_is_read() -> None:
    vector = VECTORS["mp_both"]

    def as_bin(value: object) -> object:
        if isinstance(value, dict):
            return {key.encode(): as_bin(item) for key, item in value.items()}
        if isinstance(value, list):
            return [as_bin(item) for item in value]
        return value.encode() if isinstance(value, str) else value

    report = decode(packed(as_bin(msgpack.unpackb(vector.data))), "report.mp", no_keys)

    assert report.header == decode(vector.data, "report.mp", no_keys).header
    assert report.events == decode(vector.data, "report.mp", no_keys).events


@pytest.mark.parametrize("name", ["datetime", "date", "time", "decimal"])
def test_a_map_that_stands_for_a_date_is_its_text(name: str) -> None:
    data = packed([{"__class__": name, "as_str": "2020-01-01T00:00:00"}])

    assert msgpack_form.load(data) == ["2020-01-01T00:00:00"]


def test_a_map_that_stands_for_a_date_may_be_written_in_bin() -> None:
    data = packed({b"__class__": b"datetime", b"as_str": b"2020-01-01T00:00:00"})

    assert msgpack_form.load(data) == "2020-01-01T00:00:00"


@pytest.mark.parametrize(
    "value",
    [
        {"__class__": "datetime"},
        {"__class__": "set", "as_str": "x"},
        {"__class__": "date", "as_str": 7},
        {"__class__": "date", "as_str": "x", "more": 1},
        {"__class__": ["date"], "as_str": "x"},
    ],
)
def test_a_map_that_only_looks_like_a_date_stays_a_map(value: object) -> None:
    assert msgpack_form.load(packed(value)) == value


def test_a_date_map_as_the_time_of_a_reading_is_read() -> None:
    contents = msgpack.unpackb(VECTORS["mp_readings"].data)
    for reading in contents["data"]:
        reading["timestamp"] = {"__class__": "datetime", "as_str": reading["timestamp"]}

    report = decode(packed(contents), "report.mp", no_keys)

    assert report.given_us is not None
    assert report.given_us.tolist() == VECTORS["mp_readings"].given


def test_data_after_the_end_of_the_map_is_refused_at_its_byte() -> None:
    good = VECTORS["mp_readings"].data

    assert refused(good + b"\xc0") == ("trailing-data", len(good))


@pytest.mark.parametrize("size", range(0, len(VECTORS["mp_readings_untimed"].data), 7))
def test_a_file_that_ends_early_is_refused_at_its_end(size: int) -> None:
    assert refused(VECTORS["mp_readings_untimed"].data[:size]) == ("cut-msgpack", size)


def test_a_byte_that_means_nothing_is_refused() -> None:
    assert refused(b"\x81\xa1a\xc1") == ("bad-msgpack", 3)


@pytest.mark.parametrize("value", [{1: 2}, {None: 2}, {1.5: 2}])
def test_keys_that_are_no_text_are_refused(value: object) -> None:
    assert refused(packed(value))[0] == "bad-msgpack"


def test_a_list_as_key_is_refused() -> None:
    assert refused(b"\x81\x90\x01")[0] == "bad-msgpack"


@pytest.mark.parametrize("data", [b"\xa1\xff", b"\xc4\x01\xff", b"\x81\xc4\x01\xff\x01", b"\x91\xc4\x01\xff"])
def test_text_that_is_not_utf8_is_refused(data: bytes) -> None:
    assert refused(data)[0] == "bad-text"


@pytest.mark.parametrize("data", [b"\x82\xa1a\x01\xa1a\x02", b"\x82\xa1a\x01\xc4\x01a\x02"])
def test_a_key_that_comes_twice_is_refused_in_any_coding(data: bytes) -> None:
    assert refused(data)[0] == "duplicate-key"


def test_a_value_of_a_private_type_is_refused_in_a_payload() -> None:
    payload = msgpack_form.load(packed({"a": msgpack.ExtType(5, b"x")}))

    assert isinstance(payload, dict)
    with pytest.raises(FormatError) as caught:
        check_payload(payload, "events[0].data")
    assert caught.value.reason == "bad-type"


def test_a_time_of_the_packed_type_is_refused_as_a_time() -> None:
    contents = msgpack.unpackb(VECTORS["mp_readings"].data)
    contents["data"][0]["timestamp"] = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)

    with pytest.raises(FormatError) as caught:
        decode(packed(contents, datetime=True), "report.mp", no_keys)

    assert (caught.value.reason, caught.value.field) == ("bad-type", "data[0].timestamp")


@pytest.mark.parametrize("data", [b"\xc7\x03\xff\0\0\0", b"\xd8\xff" + b"\xff" * 16])
def test_a_broken_packed_time_is_refused(data: bytes) -> None:
    assert refused(data)[0] == "bad-msgpack"


def test_lists_inside_each_other_without_end_are_refused() -> None:
    assert refused(b"\x91" * 100_000) == ("too-deep", 1024)


def test_lists_that_claim_more_than_the_file_holds_are_refused_before_room_is_made() -> None:
    assert refused(array_head(2**32 - 1) * 1000) == ("cut-msgpack", 5000)


def test_more_maps_and_lists_than_the_limit_are_refused() -> None:
    assert refused(array_head(MAX_CONTAINERS) + b"\x90" * MAX_CONTAINERS)[0] == "too-many-items"


def test_more_values_than_the_limit_are_refused() -> None:
    assert refused(array_head(MAX_VALUES + 1) + b"\x01" * (MAX_VALUES + 1))[0] == "too-many-items"
