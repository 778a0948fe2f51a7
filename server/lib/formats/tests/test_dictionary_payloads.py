"""The payloads of a dictionary report, and writing one. All tests run on both forms unless they are
about one."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from server.lib.formats import (
    NOT_GIVEN,
    Event,
    Flaw,
    FormatError,
    Report,
    decode,
    encode_dictionary_json,
    encode_dictionary_msgpack,
    inspect,
    rows_of,
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
from server.lib.formats.tests.vectors import VECTORS, Vector, no_keys, vectors

__all__ = ["read"]  # fixtures


ENCODERS: dict[str, Callable[[Report], bytes]] = {
    "json": encode_dictionary_json,
    "mp": encode_dictionary_msgpack,
}


@pytest.mark.parametrize("key", ["extra_data", "data"])
@pytest.mark.parametrize("value", [[], "x", 7, True])
def test_a_payload_that_is_no_map_is_named(read: Read, key: str, value: object) -> None:
    assert refused(read, a_report(events=[an_event(**{key: value})])) == ("bad-type", f"events[0].{key}")


@pytest.mark.parametrize("change", [{"extra_data": None, "data": None}, {}])
def test_a_payload_that_is_not_there_is_empty(read: Read, change: Map) -> None:
    event = without(without(an_event(), "extra_data"), "data") | change

    report = read(a_report(events=[event]))

    assert (report.events[0].extra_data, report.events[0].data) == ({}, None)


def test_a_payload_keeps_its_plain_values(read: Read) -> None:
    payload: Map = {"a": [1, -2, 2.5, True, None, {"ü": "€"}], "b": {}, "c": 2**64 - 1, "d": -(2**63)}

    report = read(a_report(events=[an_event(extra_data=payload, data=payload)]))

    assert report.events[0].extra_data == payload
    assert report.events[0].data == payload


def test_a_zero_character_in_a_payload_is_refused(read: Read) -> None:
    contents = a_report(events=[an_event(data={"x": ["a\0b"]})])

    assert refused(read, contents) == ("bad-text", "events[0].data")


def test_a_zero_character_in_a_key_of_a_payload_is_refused(read: Read) -> None:
    contents = a_report(events=[an_event(extra_data={"a\0b": 1})])

    assert refused(read, contents) == ("bad-text", "events[0].extra_data")


def nested(depth: int) -> Map:
    payload: Map = {}
    for _ in range(depth - 1):
        payload = {"x": payload}
    return payload


def test_a_payload_may_be_32_maps_deep(read: Read) -> None:
    report = read(a_report(events=[an_event(data=nested(32))]))

    assert report.events[0].data == nested(32)


def test_a_payload_may_not_be_33_maps_deep(read: Read) -> None:
    assert refused(read, a_report(events=[an_event(data=nested(33))])) == ("too-deep", "events[0].data")


def test_inspect_checks_what_decode_checks() -> None:
    contents = json.dumps(a_report(data=[a_reading(value="x")])).encode()

    with pytest.raises(FormatError, match=r"data\[0\]\.value"):
        inspect(contents, "report.json", no_keys)


def values_of(report: Report) -> tuple[object, ...]:
    given_us = None if report.given_us is None else report.given_us.tolist()
    return report.header, rows_of(report.readings), given_us, report.events


@pytest.mark.parametrize("encode_as", ["json", "mp"])
@pytest.mark.parametrize(
    "vector",
    [v for v in vectors("valid", "contradictory") if v.is_dictionary and v.id != "odd_json_format_tag"],
    ids=lambda vector: vector.id,
)
def test_a_decoded_vector_comes_back_from_either_form(vector: Vector, encode_as: str) -> None:
    report = decode(vector.data, vector.file_name, no_keys)

    again = decode(ENCODERS[encode_as](report), f"report.{encode_as}", no_keys)

    assert values_of(again) == values_of(report)


@pytest.mark.parametrize("encode_as", ["json", "mp"])
def test_the_readings_of_a_signed_list_can_be_written_as_a_dictionary(encode_as: str) -> None:
    vector = VECTORS["sl_hash_00016"]
    report = decode(vector.data, vector.file_name, no_keys)

    again = decode(ENCODERS[encode_as](report), f"report.{encode_as}", no_keys)

    assert rows_of(again.readings) == vector.rows
    assert again.given_us is not None
    assert set(again.given_us.tolist()) == {NOT_GIVEN}


def test_times_below_a_second_come_back(read: Read) -> None:
    report = read(a_report(data=[a_reading(timestamp="2020-01-01T00:00:00.000001Z")]))

    again = decode(encode_dictionary_json(report), "report.json", no_keys)

    assert values_of(again) == values_of(report)


@pytest.mark.parametrize("encode_as", ["json", "mp"])
def test_a_payload_that_a_form_cannot_say_is_not_written(read: Read, encode_as: str) -> None:
    report = read(a_report())
    event = Event(1, 1, None, None, extra_data={"x": object()}, data=None)

    with pytest.raises(FormatError) as caught:
        ENCODERS[encode_as](replace(report, events=(event,)))

    assert caught.value.reason == "not-encodable"


@pytest.mark.parametrize("extension", ["json", "mp"])
def test_a_null_value_is_written_back_as_null(extension: str) -> None:
    contents = a_report(data=[a_reading(value=None)])
    report = decode(json.dumps(contents).encode(), "report.json", no_keys)

    again = decode(ENCODERS[extension](report), f"report.{extension}", no_keys)

    assert again.flaws is not None
    assert again.flaws.tolist() == [Flaw.NO_VALUE]
