"""Bodies of values under names: objects, lists of objects, forms, and lines of `name,value,ts`.

Every error names the field, and in lists the index or the line.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from server.lib.lines import is_one_line
from server.lib.named_values.times import time_us
from server.lib.units import LARGEST

TIME: Final = "ts"
KEY: Final = "key"
"""The field with the secret of a board that can send no header. No value has this name."""
LONGEST_NAME: Final = 60
MOST_AT_ONCE: Final = 10_000
_NUMBER: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?", re.ASCII)
_LONGEST_NUMBER: Final = 60
_DELIMITERS: Final = (",", ";", "\t")


class NamedValueError(ValueError):
    """A body that cannot be read. `field`: which one is wrong, if one is."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message, self.field = message, field


class NamedValue(NamedTuple):
    name: str
    value: float
    at_us: int | None
    """None: when it arrives."""
    place: str = ""
    """Where it is in the body, for messages: `index 3`, `line 4`."""

    def error(self, message: str) -> NamedValueError:
        return _error(message, self.name, self.place)


def values_of_document(document: object, *, now: datetime) -> list[NamedValue]:
    """Returns the values of an object of names and numbers, with or without `ts`, or of a list of
    them. Raises NamedValueError."""
    many = isinstance(document, list)
    found: list[NamedValue] = []
    for index, fields in enumerate(document if isinstance(document, list) else [document]):
        found += _values_of_object(fields, f"index {index}" if many else "", now)
        _check_amount(found)
    return _not_empty(found)


def values_of_form(texts: Mapping[str, Sequence[str]], *, now: datetime) -> list[NamedValue]:
    """Returns the values of a form, without its key. Raises NamedValueError."""
    fields: dict[str, object] = {}
    for name, given in texts.items():
        if len(given) != 1:
            raise NamedValueError("It is in the form more than once.", name)
        fields[name] = _time_of_text(given[0]) if name == TIME else _number(given[0], name, "")
    return _not_empty(list(_values_of_object(fields, "", now)))


def values_of_lines(data: bytes, *, now: datetime) -> list[NamedValue]:
    """Returns the values of lines `name,value` or `name,value,ts`, with commas, semicolons or tabs;
    a first line `name,value,ts` is skipped. Raises NamedValueError."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise NamedValueError(f"Line {line} is not in UTF-8.") from error
    lines = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=_delimiter(text))
    found: list[NamedValue] = []
    try:
        for cells in lines:
            texts = [cell.strip() for cell in cells]
            heads = lines.line_num == 1 and [each.lower() for each in texts[:2]] == ["name", "value"]
            if any(texts) and not heads:
                found.append(_value_of_line(texts, f"line {lines.line_num}", now))
                _check_amount(found)
    except csv.Error as error:
        raise NamedValueError(f"Line {lines.line_num} cannot be read as CSV: {error}.") from error
    return _not_empty(found)


def _values_of_object(fields: object, place: str, now: datetime) -> Iterator[NamedValue]:
    if not isinstance(fields, dict):
        raise _error('An object of names and numbers is needed, as {"temperature": 21.5}.', "", place)
    at_us = None
    if fields.get(TIME) is not None:
        at_us = _time(fields[TIME], place, now)
    for name, value in fields.items():
        if name != TIME:
            _check_name(name, place)
            yield NamedValue(name, _checked(value, name, place), at_us, place)


def _value_of_line(cells: Sequence[str], place: str, now: datetime) -> NamedValue:
    if not 2 <= len(cells) <= 3:
        raise _error("It is not name,value or name,value,ts.", "", place)
    name, value = cells[:2]
    _check_name(name, place)
    at_us = _time(_time_of_text(cells[2]), place, now) if len(cells) == 3 and cells[2] else None
    return NamedValue(name, _number(value, name, place), at_us, place)


def _time(given: object, place: str, now: datetime) -> int:
    try:
        return time_us(given, now=now)
    except ValueError as error:
        raise _error(str(error), TIME, place) from error


def _time_of_text(text: str) -> str | float:
    return float(text) if len(text) <= _LONGEST_NUMBER and _NUMBER.fullmatch(text) else text


def _number(text: str, name: str, place: str) -> float:
    text = text.strip()
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        raise _error(f"{text[:30]!r} is no number.", name, place)
    return _checked(float(text), name, place)


def _checked(value: object, name: str, place: str) -> float:
    if isinstance(value, bool):
        raise _error("True and false are no numbers: send 1 or 0.", name, place)
    if not isinstance(value, int | float):
        raise _error("It is no number. Leave out what was not measured.", name, place)
    if not -LARGEST <= value <= LARGEST:
        raise _error(f"The number must be between -{LARGEST:g} and {LARGEST:g}.", name, place)
    return value


def _check_name(name: object, place: str) -> None:
    if not isinstance(name, str):
        raise _error("A name is a text.", "", place)
    if name == KEY:
        raise _error(f"`{KEY}` and `{TIME}` are no names of values. Choose another.", name, place)
    if not 0 < len(name) <= LONGEST_NAME:
        raise _error(f"A name has 1 to {LONGEST_NAME} characters.", name[:LONGEST_NAME], place)
    if not is_one_line(name) or name != name.strip():
        shown = name.encode("ascii", "backslashreplace").decode()
        raise _error("A name is one line without control characters or blanks at its ends.", shown, place)


def _delimiter(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return next((each for each in _DELIMITERS if 1 <= first.count(each) <= 2), ",")


def _check_amount(found: Sequence[NamedValue]) -> None:
    if len(found) > MOST_AT_ONCE:
        raise NamedValueError(f"At most {MOST_AT_ONCE} values can be sent at once.")


def _not_empty(found: list[NamedValue]) -> list[NamedValue]:
    if not found:
        raise NamedValueError('There is no value in it: send {"temperature": 21.5}, for example.')
    return found


def _error(message: str, field: str, place: str) -> NamedValueError:
    return NamedValueError(f"At {place}: {message}" if place else message, field)
