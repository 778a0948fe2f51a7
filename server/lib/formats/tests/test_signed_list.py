"""Format 1: what the vectors do not cover of its decoder, and its encoder."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.lib.formats import (
    FormatError,
    KeyMissing,
    Keys,
    Row,
    SignatureError,
    SignatureKind,
    decode,
    encode_signed_list,
    inspect,
    rows_of,
    signed_list,
)
from server.lib.formats.tests.vectors import Vector, manifest_keys, no_keys, vectors

UNHURRIED = settings(deadline=None)  # a busy machine is no failure
ROOT_KEY = bytes(range(32))
OTHER_KEY = bytes(32)

# The worked example of report formats, part 4.
EXAMPLE = bytes.fromhex(
    "014c000012cdab0009000000c80000000000ffd7"
    "01500000070000006400000044332211"
    "0250000008000000a000000005000000"
    "0700000008000000"
    "3afd1dd21d303546ecd2f3b0065400c0"
)
EXAMPLE_ROWS: list[Row] = [(0x5001, 7, 100, 0x11223344), (0x5002, 8, 160, 5)]

words = st.integers(0, 2**32 - 1)
rows = st.lists(st.tuples(st.integers(0, 2**16 - 1), words, words, words), max_size=20)


def encoded(
    readings: list[Row],
    *,
    signature: SignatureKind = SignatureKind.HASH,
    root_key: bytes | None = None,
    streamer_index: int = 0,
) -> bytes:
    return encode_signed_list(
        device_id=0xABCD12,
        report_id=9,
        sent_s=200,
        streamer_index=streamer_index,
        selector=0xD7FF,
        readings=readings,
        signature=signature,
        root_key=root_key,
    )


def with_hash(signed_part: bytes) -> bytes:
    return signed_part + hashlib.sha256(signed_part).digest()[:16]


def test_the_worked_example_is_what_the_encoder_makes() -> None:
    assert encoded(EXAMPLE_ROWS) == EXAMPLE


@pytest.mark.parametrize(
    "vector",
    [v for v in vectors("valid", "valid-with-key") if not v.is_dictionary],
    ids=lambda vector: vector.id,
)
def test_a_decoded_vector_is_encoded_to_the_same_bytes(vector: Vector) -> None:
    report = decode(vector.data, vector.file_name, manifest_keys)
    keys = manifest_keys(report.header.device_id)
    kind = report.header.signature
    root_key = {SignatureKind.USER_KEY: keys.user, SignatureKind.DEVICE_KEY: keys.device}.get(kind)

    again = encode_signed_list(
        device_id=report.header.device_id,
        report_id=report.header.report_id,
        sent_s=report.header.sent_s or 0,
        streamer_index=report.header.streamer_index,
        selector=report.header.selector,
        readings=rows_of(report.readings),
        signature=kind,
        root_key=root_key,
    )

    assert again == vector.data


@pytest.mark.parametrize("kind", [SignatureKind.HASH, SignatureKind.USER_KEY, SignatureKind.DEVICE_KEY])
@UNHURRIED
@given(readings=rows)
def test_decode_gives_back_what_was_encoded(kind: SignatureKind, readings: list[Row]) -> None:
    data = encoded(readings, signature=kind, root_key=ROOT_KEY)

    report = decode(data, "report.bin", lambda _: Keys(user=ROOT_KEY, device=ROOT_KEY))

    assert rows_of(report.readings) == readings
    assert report.header.signature is kind


def test_readings_that_are_not_encrypted_are_a_view_on_the_file() -> None:
    report = decode(EXAMPLE, "report.bin", no_keys)

    assert report.readings.base is not None
    assert not report.readings.flags.owndata


def test_an_encrypted_report_does_not_show_its_readings() -> None:
    data = encoded(EXAMPLE_ROWS, signature=SignatureKind.USER_KEY, root_key=ROOT_KEY)

    assert data[20:52] != EXAMPLE[20:52]
    assert data[52:60] == EXAMPLE[52:60]


@pytest.mark.parametrize(
    ("kind", "held"),
    [
        (SignatureKind.USER_KEY, Keys(device=ROOT_KEY)),
        (SignatureKind.DEVICE_KEY, Keys(user=ROOT_KEY)),
    ],
)
def test_one_key_does_not_stand_in_for_the_other(kind: SignatureKind, held: Keys) -> None:
    data = encoded(EXAMPLE_ROWS, signature=kind, root_key=ROOT_KEY)

    with pytest.raises(KeyMissing, match="key of device abcd12"):
        inspect(data, "report.bin", lambda _: held)


def test_a_report_signed_with_another_key_is_refused() -> None:
    data = encoded(EXAMPLE_ROWS, signature=SignatureKind.USER_KEY, root_key=ROOT_KEY)

    with pytest.raises(SignatureError) as caught:
        inspect(data, "report.bin", lambda _: Keys(user=OTHER_KEY))

    assert caught.value.reason == "bad-signature"


def test_keys_are_asked_for_the_device_of_the_report() -> None:
    data = encoded(EXAMPLE_ROWS, signature=SignatureKind.USER_KEY, root_key=ROOT_KEY)
    asked: list[int] = []

    def source(device_id: int) -> Keys:
        asked.append(device_id)
        return Keys(user=ROOT_KEY)

    inspect(data, "report.bin", source)

    assert asked == [0xABCD12]


def test_no_key_is_asked_for_a_hash() -> None:
    asked: list[int] = []

    def source(device_id: int) -> Keys:
        asked.append(device_id)
        return Keys()

    inspect(EXAMPLE, "report.bin", source)

    assert asked == []


def test_a_plain_hash_does_not_pass_for_a_key_signature() -> None:
    claims_user_key = EXAMPLE[:16] + b"\x01" + EXAMPLE[17:-16]

    with pytest.raises(SignatureError):
        inspect(with_hash(claims_user_key), "report.bin", lambda _: Keys(user=ROOT_KEY))


@pytest.mark.parametrize("offset", range(len(EXAMPLE)))
def test_a_damaged_byte_is_found_wherever_it_is(offset: int) -> None:
    damaged = EXAMPLE[:offset] + bytes([EXAMPLE[offset] ^ 0x10]) + EXAMPLE[offset + 1 :]

    with pytest.raises(FormatError):
        inspect(damaged, "report.bin", no_keys)


@pytest.mark.parametrize("size", range(len(EXAMPLE)))
def test_a_file_that_ends_early_is_refused(size: int) -> None:
    with pytest.raises(FormatError):
        inspect(EXAMPLE[:size], "report.bin", no_keys)


def test_a_part_of_a_reading_is_refused_at_its_first_byte() -> None:
    signed_part = b"\x01\x45" + EXAMPLE[2:20] + EXAMPLE[20:36] + b"\0" * 9 + EXAMPLE[52:60]

    with pytest.raises(FormatError) as caught:
        inspect(with_hash(signed_part), "report.bin", no_keys)

    assert (caught.value.reason, caught.value.offset) == ("cut-reading", 36)


def test_the_reader_of_signed_lists_reads_nothing_else() -> None:
    with pytest.raises(FormatError) as caught:
        signed_list.decode(b"\x02" + EXAMPLE[1:], no_keys)

    assert (caught.value.reason, caught.value.offset) == ("unknown-format", 0)


def test_the_reserved_bits_of_a_reading_are_nobodys_business() -> None:
    signed_part = EXAMPLE[:22] + b"\xff\xff" + EXAMPLE[24:-16]

    report = decode(with_hash(signed_part), "report.bin", no_keys)

    assert rows_of(report.readings) == EXAMPLE_ROWS


def test_a_length_above_16_bits_is_read_and_written() -> None:
    readings: list[Row] = [(0x5001, i + 1, i, i) for i in range(10_000)]

    data = encoded(readings)

    assert data[:4] == b"\x01\x2c\x71\x02"
    assert rows_of(decode(data, "report.bin", no_keys).readings) == readings


def test_the_footer_leaves_out_readings_without_id() -> None:
    data = encoded([(0x5001, 0, 1, 1), (0x5001, 9, 2, 2), (0x5001, 4, 3, 3)])

    header = inspect(data, "report.bin", no_keys)

    assert (header.lowest_id, header.highest_id) == (4, 9)


def test_a_negative_value_is_written_as_twos_complement() -> None:
    data = encoded([(0x5001, 1, 1, -2)])

    assert decode(data, "report.bin", no_keys).readings["value"].tolist() == [0xFFFFFFFE]


@pytest.mark.parametrize(
    "row",
    [
        (0x10000, 1, 1, 1),
        (1, 2**32, 1, 1),
        (1, 1, -1, 1),
        (1, 1, 1, 2**32),
        (1, 1, 1, -(2**31) - 1),
    ],
    ids=["stream", "id", "time", "value", "negative"],
)
def test_the_encoder_names_the_reading_that_does_not_fit(row: Row) -> None:
    with pytest.raises(FormatError) as caught:
        encoded([*EXAMPLE_ROWS, row])

    assert (caught.value.reason, caught.value.field) == ("out-of-range", "readings[2]")


def test_the_encoder_names_the_header_field_that_does_not_fit() -> None:
    with pytest.raises(FormatError) as caught:
        encoded([], streamer_index=256)

    assert (caught.value.reason, caught.value.field) == ("out-of-range", "streamer_index")


def test_the_encoder_refuses_what_the_length_field_cannot_say() -> None:
    too_many = [EXAMPLE_ROWS[0]] * (2**20)

    with pytest.raises(FormatError) as caught:
        encoded(too_many)

    assert caught.value.reason == "too-large"


def test_the_encoder_asks_for_the_key_that_a_kind_needs() -> None:
    with pytest.raises(KeyMissing):
        encoded([], signature=SignatureKind.USER_KEY)


def test_the_encoder_makes_no_unsigned_list() -> None:
    with pytest.raises(FormatError):
        encoded([], signature=SignatureKind.NONE)


def test_keys_of_a_wrong_length_are_refused_where_they_are_made() -> None:
    with pytest.raises(ValueError, match="32 bytes, not 16"):
        Keys(user=bytes(16))


def test_keys_do_not_show_themselves() -> None:
    assert repr(Keys(user=ROOT_KEY)) == "Keys()"
