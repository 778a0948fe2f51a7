"""Which format an upload is read as, and the error when there is none."""

import pytest

from server.lib.formats import FORMATS, MAX_REPORT_BYTES, FormatError, format_for, inspect
from server.lib.formats.tests.vectors import VECTORS, no_keys


@pytest.mark.parametrize(
    ("file_name", "name"),
    [
        ("report.bin", "signed-list"),
        ("report", "signed-list"),
        ("", "signed-list"),
        (".bin", "signed-list"),
        ("REPORT.BIN", "signed-list"),
        ("reports/0000743a-0000-1583020800000.bin", "signed-list"),
        ("folder.v2/report", "signed-list"),
        ("C:\\my.reports\\report", "signed-list"),
        ("report.json", "json"),
        ("a.b.json", "json"),
        ("reports/00043c59-0100-1583020800000.mp", "msgpack"),
    ],
)
def test_the_last_part_of_the_file_name_chooses_the_format(file_name: str, name: str) -> None:
    assert format_for(file_name) == name


@pytest.mark.parametrize(
    "file_name", ["report.jpg", "report.", "report.bin.gz", "report.msgpack", ".json/x.y"]
)
def test_another_extension_is_refused(file_name: str) -> None:
    with pytest.raises(FormatError) as caught:
        format_for(file_name)

    assert caught.value.reason == "wrong-extension"


def test_a_long_file_name_does_not_flood_the_message() -> None:
    with pytest.raises(FormatError) as caught:
        format_for("x" * 100_000 + ".jpg")

    assert len(str(caught.value)) < 200


def test_no_two_formats_claim_the_same_extension_or_first_byte() -> None:
    extensions = [extension for row in FORMATS for extension in row.extensions]
    first_bytes = [row.first_byte for row in FORMATS if row.first_byte is not None]

    assert len(extensions) == len(set(extensions))
    assert len(first_bytes) == len(set(first_bytes))


@pytest.mark.parametrize("file_name", ["report.bin", "report.json", "report.mp"])
def test_an_empty_file_is_called_empty(file_name: str) -> None:
    with pytest.raises(FormatError) as caught:
        inspect(b"", file_name, no_keys)

    assert (caught.value.reason, caught.value.offset) == ("empty-file", 0)


@pytest.mark.parametrize("file_name", ["report.bin", "report.json", "report.mp"])
def test_a_file_above_the_limit_is_refused_unread(file_name: str) -> None:
    with pytest.raises(FormatError) as caught:
        inspect(bytes(MAX_REPORT_BYTES + 1), file_name, no_keys)

    assert (caught.value.reason, caught.value.offset) == ("too-large", MAX_REPORT_BYTES)


@pytest.mark.parametrize(
    ("name", "file_name", "reason"),
    [
        ("json_readings", "report.bin", "unknown-format"),
        ("json_readings", "report.mp", "trailing-data"),
        ("mp_readings", "report.json", "bad-text"),
        ("sl_hash_00016", "report.mp", "trailing-data"),
    ],
)
def test_a_file_under_a_wrong_name_is_refused(name: str, file_name: str, reason: str) -> None:
    with pytest.raises(FormatError) as caught:
        inspect(VECTORS[name].data, file_name, no_keys)

    assert caught.value.reason == reason


def test_an_error_with_a_byte_names_it() -> None:
    error = FormatError("bad-length", "The length is wrong", offset=1)

    assert str(error) == "The length is wrong (byte 1)"


def test_an_error_with_a_field_names_it() -> None:
    error = FormatError("bad-type", "This is not a number", field="data[3].value")

    assert str(error) == "This is not a number (field data[3].value)"


def test_an_error_of_the_whole_file_names_no_place() -> None:
    error = FormatError("too-many-items", "There is too much in it")

    assert str(error) == "There is too much in it"
