"""Plain values of JSON and MessagePack: text, numbers, true, false, null, lists, maps.

All limits on the size and shape of a dictionary report are here. With them, reading a report takes
time and memory in proportion to its bytes.
"""

import math
from collections import Counter
from collections.abc import Iterable

from server.lib.formats.errors import FormatError

MAX_CONTAINERS = 2**18  # maps and lists in one file; more than readings fit into 16 MB of any real writer
MAX_VALUES = 2**21  # entries of all maps and lists of one file together
MAX_DEPTH = 32  # maps and lists inside each other in the payload of one event

_Container = dict[str, object] | list[object]

_LOWEST_INTEGER = -(2**63)  # what MessagePack can hold: both forms must have the same values
_HIGHEST_INTEGER = 2**64 - 1


def check_amount(containers: int, values: int) -> None:
    """Raises FormatError for files that would take many times their size in memory."""
    if containers > MAX_CONTAINERS:
        raise FormatError("too-many-items", f"The file holds more than {MAX_CONTAINERS} maps and lists")
    if values > MAX_VALUES:
        raise FormatError("too-many-items", f"The file holds more than {MAX_VALUES} values")


class JsonAmount:
    """How many maps, lists and values JSON has that comes in parts, counted before it is parsed.
    Brackets and commas inside text count too, which only makes the limits tighter."""

    def __init__(self) -> None:
        self._containers, self._values = 0, 1

    def add(self, part: bytes) -> None:
        """Raises FormatError as `check_amount`."""
        self._containers += part.count(b"{") + part.count(b"[")
        self._values += part.count(b",")
        check_amount(self._containers, self._values)


def check_json_amount(data: bytes) -> None:
    """Raises FormatError as `check_amount`, before the JSON is parsed."""
    JsonAmount().add(data)


def unique_map(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return a map. Raises FormatError for a repeated key: readers differ in which of the two
    values they use."""
    result = dict(pairs)
    if len(result) != len(pairs):
        [(twice, _)] = Counter(key for key, _ in pairs).most_common(1)
        raise FormatError("duplicate-key", "A map has the same key twice", field=excerpt(twice))
    return result


def excerpt(value: object) -> str:
    """Return a value for an error message, short and on one line."""
    text = value if isinstance(value, str) and value.isidentifier() else repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def check_payload(payload: dict[str, object], field: str) -> None:
    """Raises FormatError for what a JSON column cannot hold."""
    # One level of nesting after the other, so that depth takes no stack.
    level: list[_Container] = [payload]
    for _ in range(MAX_DEPTH):
        level = [child for container in level for child in _containers_in(container, field)]
        if not level:
            return
    raise FormatError("too-deep", f"More than {MAX_DEPTH} maps and lists inside each other", field=field)


def _containers_in(container: _Container, field: str) -> Iterable[_Container]:
    values: Iterable[object]
    if isinstance(container, dict):
        for key in container:
            _check_text(key, field)
        values = container.values()
    else:
        values = container
    for value in values:
        if isinstance(value, dict | list):
            yield value
        else:
            _check_scalar(value, field)


def _check_scalar(value: object, field: str) -> None:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise FormatError("not-a-number", f"{value} is not a number that can be kept", field=field)
    elif isinstance(value, str):
        _check_text(value, field)
    elif isinstance(value, int):
        if not _LOWEST_INTEGER <= value <= _HIGHEST_INTEGER:
            raise FormatError("out-of-range", f"{excerpt(value)} does not fit into 64 bits", field=field)
    elif value is not None:
        raise FormatError("bad-type", f"{excerpt(value)} is neither text nor a number", field=field)


def _check_text(text: str, field: str) -> None:
    if "\0" in text:
        raise FormatError("bad-text", "Text holds a zero character, which databases cannot keep", field=field)
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as exc:
            raise FormatError(
                "bad-text", "Text holds half a character (a lone surrogate)", field=field
            ) from exc
