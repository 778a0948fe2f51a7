"""JSON itself: what is refused before any field is read."""

import json

import pytest

from server.lib.formats import FormatError, json_form
from server.lib.formats.payload import MAX_CONTAINERS, MAX_VALUES, check_payload


def refused(data: bytes) -> tuple[str, int | None, str | None]:
    with pytest.raises(FormatError) as caught:
        json_form.load(data)
    return caught.value.reason, caught.value.offset, caught.value.field


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (b"", 0),
        (b"{", 1),
        (b'{"a": 1} {"b": 2}', 9),
        (b'{"a": 1}x', 8),
        (b"{'a': 1}", 1),
        (b'{"a": 01}', 7),
        ('{"ü": €}'.encode(), 7),
        (b'{"a": "\n"}', 7),
        (b'{"a": "\\x"}', 7),
        (b'\xef\xbb\xbf{"a": 1}', 0),
    ],
)
def test_broken_json_is_refused_at_its_byte(data: bytes, offset: int) -> None:
    assert refused(data) == ("bad-json", offset, None)


@pytest.mark.parametrize("data", [b'{"a": "\xff"}', json.dumps({"a": 1}).encode("utf-16")])
def test_text_that_is_not_utf8_is_refused(data: bytes) -> None:
    assert refused(data)[0] == "bad-text"


@pytest.mark.parametrize("constant", [b"NaN", b"Infinity", b"-Infinity"])
def test_what_is_not_a_number_is_refused(constant: bytes) -> None:
    assert refused(b'{"a": ' + constant + b"}")[0] == "not-a-number"


def test_a_number_that_overflows_to_infinity_is_refused_in_a_payload() -> None:
    payload = json_form.load(b'{"a": 1e999}')

    assert isinstance(payload, dict)
    with pytest.raises(FormatError) as caught:
        check_payload(payload, "events[0].data")
    assert caught.value.reason == "not-a-number"


def test_a_whole_number_above_64_bits_is_refused_in_a_payload() -> None:
    payload = json_form.load(b'{"a": 18446744073709551616}')

    assert isinstance(payload, dict)
    with pytest.raises(FormatError) as caught:
        check_payload(payload, "events[0].data")
    assert caught.value.reason == "out-of-range"


def test_half_a_character_is_refused_in_a_payload() -> None:
    payload = json_form.load(b'{"a": "\\ud800"}')

    assert isinstance(payload, dict)
    with pytest.raises(FormatError) as caught:
        check_payload(payload, "events[0].data")
    assert caught.value.reason == "bad-text"


def test_a_key_that_comes_twice_is_refused_by_name() -> None:
    assert refused(b'{"a": {"device": 1, "device": 2}}') == ("duplicate-key", None, "device")


def test_a_whole_number_of_20_digits_is_read() -> None:
    assert json_form.load(b"18446744073709551615") == 2**64 - 1


def test_a_whole_number_of_many_digits_is_refused_unread() -> None:
    assert refused(b"9" * 1_000_000)[0] == "out-of-range"


def test_lists_inside_each_other_without_end_are_refused() -> None:
    assert refused(b"[" * 100_000 + b"]" * 100_000)[0] == "too-deep"


def test_maps_inside_each_other_without_end_are_refused() -> None:
    assert refused(b'{"a":' * 100_000)[0] == "too-deep"


def test_more_maps_and_lists_than_the_limit_are_refused_unparsed() -> None:
    assert refused(b"[" * (MAX_CONTAINERS + 1))[0] == "too-many-items"


def test_more_values_than_the_limit_are_refused_unparsed() -> None:
    assert refused(b"," * MAX_VALUES)[0] == "too-many-items"
