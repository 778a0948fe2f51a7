"""Bodies of values under names."""

from datetime import UTC, datetime

import pytest

from server.lib.named_values import (
    MOST_AT_ONCE,
    NamedValue,
    NamedValueError,
    values_of_document,
    values_of_form,
    values_of_lines,
)

NOW = datetime(2026, 3, 1, 11, 23, 15, tzinfo=UTC)
NOW_US = 1_772_364_195_000_000


def refusal(document: object) -> tuple[str, str]:
    with pytest.raises(NamedValueError) as refused:
        values_of_document(document, now=NOW)
    return refused.value.field, refused.value.message


def test_an_object_is_a_value_for_each_name() -> None:
    assert values_of_document({"temperature": 21.5, "rssi": -61}, now=NOW) == [
        NamedValue("temperature", 21.5, None),
        NamedValue("rssi", -61, None),
    ]


def test_a_list_has_a_time_for_each_object_and_keeps_its_order() -> None:
    found = values_of_document(
        [{"ts": 1_772_364_195, "t": 1}, {"ts": "2026-03-01T11:23:15.25Z", "t": 2}, {"t": 3}], now=NOW
    )

    assert found == [
        NamedValue("t", 1, NOW_US, "index 0"),
        NamedValue("t", 2, NOW_US + 250_000, "index 1"),
        NamedValue("t", 3, None, "index 2"),
    ]


@pytest.mark.parametrize(
    ("document", "field", "words"),
    [
        ({"t": "21.5"}, "t", "no number"),
        ({"t": None}, "t", "Leave out"),
        ({"t": True}, "t", "1 or 0"),
        ({"t": [1]}, "t", "no number"),
        ({"t": 10**400}, "t", "between"),
        ({"t": float("inf")}, "t", "between"),
        ({"": 1}, "", "1 to 60"),
        ({"x" * 61: 1}, "x" * 60, "1 to 60"),
        ({"a\nb": 1}, "a\nb", "one line"),
        ({"\ud800": 1}, "\\ud800", "one line"),
        ({" t": 1}, " t", "one line"),
        ({"key": 1}, "key", "no names"),
        ({"ts": "yesterday", "t": 1}, "ts", "RFC 3339"),
        ({"ts": 1_772_364_195}, "", "no value"),
        ({}, "", "no value"),
        ([], "", "no value"),
        ([{"t": 1}, {"t": "x"}], "t", "At index 1"),
        ([{"t": 1}, 5], "", "At index 1"),
        ([{"t": 1}, {"t": 1, "ts": "x"}], "ts", "At index 1"),
        (5, "", "object"),
        (None, "", "object"),
    ],
)
def test_what_cannot_be_read_is_refused_by_field_and_index(document: object, field: str, words: str) -> None:
    found, message = refusal(document)

    assert (found, words in message) == (field, True), message


def test_a_request_has_a_limit_of_values() -> None:
    assert len(values_of_document([{"t": 1}] * MOST_AT_ONCE, now=NOW)) == MOST_AT_ONCE
    assert refusal([{"t": 1}] * (MOST_AT_ONCE + 1)) == ("", "At most 10000 values can be sent at once.")


@pytest.mark.parametrize(
    "text",
    [
        "temperature,21.5,2026-03-01T11:23:15Z\nrssi,-61\n",
        "name,value,ts\ntemperature,21.5,1772364195\n\nrssi,-61,\n",
        "\ufeffName;Value;ts\r\ntemperature;21.5;1772364195000\r\nrssi;-6.1e1;\r\n",
        "temperature\t+21.50\t1772364195\nrssi\t-61",
        '"temperature",21.5,1772364195.0\n rssi , -61 ',
    ],
)
def test_lines_are_name_value_and_time(text: str) -> None:
    found = [(each.name, each.value, each.at_us) for each in values_of_lines(text.encode(), now=NOW)]

    assert found == [("temperature", 21.5, NOW_US), ("rssi", -61, None)]


@pytest.mark.parametrize(
    ("data", "field", "words"),
    [
        (b"t,1\nt\n", "", "At line 2"),
        (b"t,1\nt,1,2,3", "", "At line 2"),
        (b"t,1\nt,one", "t", "At line 2: 'one' is no number"),
        (b"t,0x10", "t", "no number"),
        (b"t,nan", "t", "no number"),
        (b"t,1e999", "t", "between"),
        (b"t,1,yesterday", "ts", "At line 1"),
        (b"t,1\n\xff", "", "Line 2"),
        (b't,"1', "", "Line 1"),
        (b"t,1\n,2", "", "At line 2"),
        (b"", "", "no value"),
        (b"name,value,ts\n", "", "no value"),
    ],
)
def test_lines_that_cannot_be_read_are_refused_by_line(data: bytes, field: str, words: str) -> None:
    with pytest.raises(NamedValueError) as refused:
        values_of_lines(data, now=NOW)

    assert (refused.value.field, words in refused.value.message) == (field, True), refused.value.message


def test_a_form_holds_one_object() -> None:
    found = values_of_form({"t": ["21.5"], "ts": ["1772364195"]}, now=NOW)

    assert found == [NamedValue("t", 21.5, NOW_US)]


def test_a_form_with_a_name_twice_is_refused() -> None:
    with pytest.raises(NamedValueError, match="more than once"):
        values_of_form({"t": ["1", "2"]}, now=NOW)
