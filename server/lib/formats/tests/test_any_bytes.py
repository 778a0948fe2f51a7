"""Any bytes give a report or a FormatError, and inspect() and decode() agree on which."""

import hashlib
import json
from collections.abc import Callable
from typing import cast

import msgpack
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from server.lib.formats import (
    FormatError,
    Header,
    Keys,
    KeySource,
    Report,
    SignatureError,
    broadcast,
    decode,
    inspect,
    single_reading,
)
from server.lib.formats.tests.vectors import VECTORS, manifest_keys, no_keys

UNHURRIED = settings(deadline=None)  # a busy machine is no failure
FILE_NAMES = ["report", "report.bin", "report.json", "report.mp", "reports/1.mp", "report.jpg", "", "."]
JsonMap = dict[str, object]

vectors = st.sampled_from(sorted(VECTORS))
file_names = st.sampled_from(FILE_NAMES) | st.text(max_size=20)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        [0, 1, -1, 2**31, 2**32 - 1, 2**32, 4294967295.0, "5001", "v100", "2020-01-01T00:00:00Z"]
    )
)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner))


def inspected(data: bytes, file_name: str) -> Header | str:
    try:
        return inspect(data, file_name, manifest_keys)
    except FormatError as error:
        return f"{error.reason}: {error}"


def decoded(data: bytes, file_name: str) -> Header | str:
    try:
        report = decode(data, file_name, manifest_keys)
    except FormatError as error:
        return f"{error.reason}: {error}"
    assert len(report.readings) + len(report.events) == report.header.count
    return report.header


def check(data: bytes, file_name: str) -> None:
    assert inspected(data, file_name) == decoded(data, file_name)


@UNHURRIED
@given(data=st.binary(max_size=200), file_name=file_names)
@example(data=b"", file_name="report.bin")
@example(data=b"\x01" * 44, file_name="report.bin")
@example(data=b"null", file_name="report.json")
@example(data=b"\xc0", file_name="report.mp")
def test_any_bytes_under_any_name(data: bytes, file_name: str) -> None:
    check(data, file_name)


@UNHURRIED
@given(name=vectors, file_name=st.sampled_from(FILE_NAMES))
def test_any_vector_under_any_name(name: str, file_name: str) -> None:
    check(VECTORS[name].data, file_name)


@UNHURRIED
@given(name=vectors, start=st.integers(0, 2000), length=st.integers(0, 8), patch=st.binary(max_size=8))
def test_a_vector_with_a_part_replaced(name: str, start: int, length: int, patch: bytes) -> None:
    vector = VECTORS[name]

    data = vector.data[:start] + patch + vector.data[start + length :]

    check(data, vector.file_name)


@UNHURRIED
@given(
    head=st.binary(min_size=19, max_size=19),
    body=st.binary(max_size=64).map(lambda body: body[: len(body) // 16 * 16]),
    kind=st.integers(0, 3),
)
def test_a_signed_list_of_any_content_with_fitting_length_and_hash(
    head: bytes, body: bytes, kind: int
) -> None:
    size = 44 + len(body)
    signed_part = (
        b"\x01" + size.to_bytes(3, "little") + head[3:15] + bytes([kind]) + head[16:] + body + bytes(8)
    )
    data = signed_part + hashlib.sha256(signed_part).digest()[:16]

    check(data, "report.bin")


@pytest.mark.parametrize("read", [single_reading.decode, broadcast.decode])
@UNHURRIED
@given(data=st.binary(max_size=80))
@example(data=b"\x00" * 20)
@example(data=b"\x03" + b"\x00" * 15)
def test_any_bytes_as_the_formats_that_are_not_uploaded(
    read: Callable[[bytes, KeySource], Report], data: bytes
) -> None:
    try:
        report = read(data, no_keys)
    except FormatError:
        return

    assert len(report.readings) == report.header.count


@UNHURRIED
@given(
    extension=st.sampled_from(["json", "mp"]),
    item=st.sampled_from(["header", "data", "events"]),
    position=st.integers(0, 9),
    value=values,
)
def test_a_dictionary_with_any_value_in_any_field(
    extension: str, item: str, position: int, value: object
) -> None:
    contents: JsonMap = json.loads(VECTORS["json_both"].data)
    target = contents if item == "header" else cast(list[JsonMap], contents[item])[0]
    target[sorted(target)[position % len(target)]] = value

    written = json.dumps(contents).encode() if extension == "json" else msgpack.packb(contents)

    check(written, f"report.{extension}")


@UNHURRIED
@given(values)
def test_any_value_as_a_dictionary_report(value: object) -> None:
    check(json.dumps(value).encode(), "report.json")
    check(msgpack.packb(value), "report.mp")


@UNHURRIED
@given(root_key=st.binary(min_size=32, max_size=32))
def test_a_report_opens_with_no_key_but_its_own(root_key: bytes) -> None:
    vector = VECTORS["sl_user_key"]

    with pytest.raises(SignatureError):
        decode(vector.data, vector.file_name, lambda _: Keys(user=root_key))
