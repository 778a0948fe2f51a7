"""Formats 0 and 3: recognized, read and written, but never taken as an upload."""

import pytest

from server.lib.formats import (
    FormatError,
    NotUploadable,
    Row,
    SignatureKind,
    broadcast,
    encode_broadcast,
    encode_single_reading,
    inspect,
    rows_of,
    single_reading,
)
from server.lib.formats.tests.vectors import VECTORS, no_keys

# The worked examples of report formats, parts 3 and 5.
SINGLE = bytes.fromhex("0000015012cdab00000000006400000044332211")
BROADCAST = bytes.fromhex("0300100012cdab00c800000000000000" + "01500000000000006400000044332211")
ROW: Row = (0x5001, 0, 100, 0x11223344)


def test_the_single_reading_example_is_what_the_encoder_makes() -> None:
    data = encode_single_reading(device_id=0xABCD12, lid=0x5001, raw_time=100, value=0x11223344)

    assert data == SINGLE


def test_the_broadcast_example_is_what_the_encoder_makes() -> None:
    data = encode_broadcast(device_id=0xABCD12, sent_s=200, readings=[ROW])

    assert data == BROADCAST


@pytest.mark.parametrize("name", ["ind_0", "ind_1"])
def test_single_readings_of_the_vectors_are_decoded(name: str) -> None:
    vector = VECTORS[name]

    report = single_reading.decode(vector.data, no_keys)

    assert rows_of(report.readings) == vector.rows
    assert (report.header.device_id, report.header.sent_s) == (vector.device_id, vector.sent)
    assert report.header.signature is SignatureKind.NONE


@pytest.mark.parametrize("name", ["bcast_0", "bcast_1"])
def test_broadcasts_of_the_vectors_are_decoded(name: str) -> None:
    vector = VECTORS[name]

    report = broadcast.decode(vector.data, no_keys)

    assert rows_of(report.readings) == vector.rows
    assert (report.header.device_id, report.header.sent_s) == (vector.device_id, vector.sent)
    assert report.header.count == len(vector.rows)


@pytest.mark.parametrize("name", ["ind_0", "ind_1"])
def test_a_decoded_single_reading_is_encoded_to_the_same_bytes(name: str) -> None:
    report = single_reading.decode(VECTORS[name].data, no_keys)
    [(lid, _, raw_time, value)] = rows_of(report.readings)

    data = encode_single_reading(device_id=report.header.device_id, lid=lid, raw_time=raw_time, value=value)

    assert data == VECTORS[name].data


@pytest.mark.parametrize("name", ["bcast_0", "bcast_1"])
def test_a_decoded_broadcast_is_encoded_to_the_same_bytes(name: str) -> None:
    report = broadcast.decode(VECTORS[name].data, no_keys)

    data = encode_broadcast(
        device_id=report.header.device_id,
        sent_s=report.header.sent_s or 0,
        readings=rows_of(report.readings),
    )

    assert data == VECTORS[name].data


@pytest.mark.parametrize("data", [SINGLE, BROADCAST], ids=["single", "broadcast"])
def test_the_refusal_comes_after_the_checks(data: bytes) -> None:
    with pytest.raises(FormatError) as caught:
        inspect(data[:-1], "report.bin", no_keys)

    assert not isinstance(caught.value, NotUploadable)
    assert caught.value.reason == "bad-length"


@pytest.mark.parametrize(
    ("data", "reason", "offset"),
    [
        (BROADCAST[:15], "too-short", 15),
        (b"\x03\x01" + BROADCAST[2:], "unknown-signature", 1),
        (BROADCAST + b"\0", "bad-length", 2),
        (b"\x03\x00\x11\x00" + BROADCAST[4:] + b"\0", "cut-reading", 32),
        (b"\x01" + BROADCAST[1:], "unknown-format", 0),
    ],
)
def test_a_broken_broadcast_is_refused_with_reason_and_byte(data: bytes, reason: str, offset: int) -> None:
    with pytest.raises(FormatError) as caught:
        broadcast.decode(data, no_keys)

    assert (caught.value.reason, caught.value.offset) == (reason, offset)


@pytest.mark.parametrize(
    ("data", "reason", "offset"),
    [
        (SINGLE[:19], "bad-length", 19),
        (SINGLE + b"\0", "bad-length", 20),
        (b"\x01" + SINGLE[1:], "unknown-format", 0),
    ],
)
def test_a_broken_single_reading_is_refused_with_reason_and_byte(
    data: bytes, reason: str, offset: int
) -> None:
    with pytest.raises(FormatError) as caught:
        single_reading.decode(data, no_keys)

    assert (caught.value.reason, caught.value.offset) == (reason, offset)


def test_decoded_single_readings_cannot_be_changed() -> None:
    report = single_reading.decode(SINGLE, no_keys)

    assert not report.readings.flags.writeable


def test_a_broadcast_of_more_readings_than_its_length_field_can_say_is_not_made() -> None:
    with pytest.raises(FormatError) as caught:
        encode_broadcast(device_id=1, sent_s=1, readings=[ROW] * 4096)

    assert caught.value.reason == "too-large"


@pytest.mark.parametrize("value", [2**32, -(2**31) - 1])
def test_a_single_reading_that_does_not_fit_is_not_made(value: int) -> None:
    with pytest.raises(FormatError) as caught:
        encode_single_reading(device_id=1, lid=1, raw_time=1, value=value)

    assert (caught.value.reason, caught.value.field) == ("out-of-range", "value")
