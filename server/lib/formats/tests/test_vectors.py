"""Every vector of docs/protocol/vectors/reports, compared with its manifest."""

from collections.abc import Callable

import pytest

from server.lib.formats import (
    NO_TIME,
    NOT_GIVEN,
    FormatError,
    KeyMissing,
    KeySource,
    NotUploadable,
    SignatureKind,
    decode,
    inspect,
    rows_of,
)
from server.lib.formats.tests.vectors import (
    FOLDER,
    MANIFEST,
    VECTORS,
    Vector,
    manifest_keys,
    no_keys,
    vectors,
)

Reader = Callable[[bytes, str, KeySource], object]

REFUSED_TAG = "odd_json_format_tag"  # the manifest leaves this one to the server
GOOD = [v for v in vectors("valid", "valid-with-key", "contradictory") if v.id != REFUSED_TAG]
NARROW_FOOTER = "odd_footer_ids_narrow"

# What the error says of each: its reason, the byte, the field.
REASONS = {
    "bad_body_bit": ("bad-hash", 284, None),
    "bad_empty_file": ("empty-file", 0, None),
    "bad_format_2": ("unknown-format", 0, None),
    "bad_header_cut": ("too-short", 19, None),
    "bad_json_no_device": ("missing-field", None, "device"),
    "bad_json_no_device_sent_timestamp": ("missing-field", None, "device_sent_timestamp"),
    "bad_json_syntax": ("bad-json", 445, None),
    "bad_length_no_rehash": ("bad-length", 1, None),
    "bad_length_one_less": ("bad-length", 1, None),
    "bad_mid_reading_cut": ("bad-length", 1, None),
    "bad_mp_noise": ("bad-msgpack", 0, None),
    "bad_mp_truncated": ("cut-msgpack", 299, None),
    "bad_one_byte": ("too-short", 1, None),
    "bad_signature_bit": ("bad-hash", 284, None),
    "bad_signature_flags_3": ("unknown-signature", 16, None),
    "bad_signature_zero": ("bad-hash", 284, None),
    "bad_trailing_byte": ("bad-length", 1, None),
    "bad_wrong_extension": ("wrong-extension", None, None),
    "sl_user_key_flip": ("bad-signature", 108, None),
}


def by_id(vector: Vector) -> str:
    return vector.id


def test_every_file_of_the_manifest_is_here_and_no_other() -> None:
    files = {path.name for path in FOLDER.iterdir()}

    assert files == {entry["file"] for entry in MANIFEST["reports"]} | {"manifest.json"}
    assert len(VECTORS) == 77


def test_every_invalid_vector_has_a_reason_below() -> None:
    assert {vector.id for vector in vectors("invalid")} == set(REASONS)


@pytest.mark.parametrize("vector", GOOD, ids=by_id)
def test_inspect_reads_the_header_that_the_manifest_has(vector: Vector) -> None:
    sent_unknown = vector.is_dictionary and vector.sent in (0, NO_TIME)

    header = inspect(vector.data, vector.file_name, manifest_keys)

    assert header.format == ("dictionary" if vector.is_dictionary else "signed-list")
    assert header.device_id == vector.device_id
    assert header.report_id == vector.report_id
    assert header.sent_s == (None if sent_unknown else vector.sent)
    assert (header.streamer_index, header.selector) == (vector.streamer_index, vector.selector)
    assert header.signature is SignatureKind[vector.signature.upper()]
    assert header.count == vector.count
    if vector.id != NARROW_FOOTER:
        assert (header.lowest_id, header.highest_id) == (vector.lowest_id, vector.highest_id)


@pytest.mark.parametrize("vector", GOOD, ids=by_id)
def test_decode_gives_the_same_header_as_inspect(vector: Vector) -> None:
    header = inspect(vector.data, vector.file_name, manifest_keys)

    report = decode(vector.data, vector.file_name, manifest_keys)

    assert report.header == header
    assert len(report.readings) + len(report.events) == header.count


@pytest.mark.parametrize("vector", GOOD, ids=by_id)
def test_decode_gives_the_readings_of_the_manifest(vector: Vector) -> None:
    report = decode(vector.data, vector.file_name, manifest_keys)

    assert rows_of(report.readings) == vector.rows
    assert not report.readings.flags.writeable


@pytest.mark.parametrize("vector", [v for v in GOOD if v.is_dictionary], ids=by_id)
def test_decode_gives_the_times_that_a_dictionary_carries(vector: Vector) -> None:
    expected = [NOT_GIVEN if given is None else given for given in vector.given]

    report = decode(vector.data, vector.file_name, manifest_keys)

    assert report.given_us is not None
    assert report.given_us.tolist() == expected


@pytest.mark.parametrize("vector", [v for v in GOOD if not v.is_dictionary], ids=by_id)
def test_a_signed_list_carries_no_times_of_its_own(vector: Vector) -> None:
    report = decode(vector.data, vector.file_name, manifest_keys)

    assert report.given_us is None


@pytest.mark.parametrize("vector", GOOD, ids=by_id)
def test_decode_gives_the_events_of_the_manifest(vector: Vector) -> None:
    report = decode(vector.data, vector.file_name, manifest_keys)

    found = [(e.lid, e.reading_id, e.raw_time, e.given_us, e.extra_data, e.data) for e in report.events]
    expected = [(e.lid, e.reading_id, e.raw_time, e.given_us, e.extra_data, e.data) for e in vector.events]
    assert found == expected


@pytest.mark.parametrize("vector", vectors("valid-with-key"), ids=by_id)
@pytest.mark.parametrize("read", [inspect, decode])
def test_a_report_signed_with_a_key_is_refused_where_the_key_is_not_known(
    vector: Vector, read: Reader
) -> None:
    with pytest.raises(KeyMissing) as caught:
        read(vector.data, vector.file_name, no_keys)

    assert (caught.value.reason, caught.value.offset) == ("no-key", 16)


@pytest.mark.parametrize("vector", vectors("unsigned"), ids=by_id)
@pytest.mark.parametrize("read", [inspect, decode])
def test_a_report_without_any_signature_is_no_upload(vector: Vector, read: Reader) -> None:
    with pytest.raises(NotUploadable, match="cannot be uploaded; upload the device's stored reports"):
        read(vector.data, vector.file_name, no_keys)


@pytest.mark.parametrize("vector", vectors("invalid"), ids=by_id)
@pytest.mark.parametrize("read", [inspect, decode])
def test_an_invalid_report_is_refused_with_reason_and_place(vector: Vector, read: Reader) -> None:
    with pytest.raises(FormatError) as caught:
        read(vector.data, vector.file_name, manifest_keys)

    assert (caught.value.reason, caught.value.offset, caught.value.field) == REASONS[vector.id]


def test_a_dictionary_with_another_format_tag_is_refused() -> None:
    vector = VECTORS[REFUSED_TAG]

    with pytest.raises(FormatError) as caught:
        inspect(vector.data, vector.file_name, no_keys)

    assert (caught.value.reason, caught.value.field) == ("unknown-tag", "format")


def test_the_footer_is_what_the_header_tells_even_where_the_readings_disagree() -> None:
    vector = VECTORS[NARROW_FOOTER]

    report = decode(vector.data, vector.file_name, no_keys)

    ids = report.readings["reading_id"]
    assert report.header.lowest_id > ids.min()
    assert report.header.highest_id < ids.max()
