"""Dictionary reports as MessagePack.

Old writers send text as bin, and dates as maps {"__class__": "datetime", "as_str": "<ISO text>"}.
Both are read as text.
"""

import msgpack

from server.lib.formats.errors import FormatError
from server.lib.formats.payload import check_amount, unique_map

_DATE_KEYS = {"__class__", "as_str"}
_TEXT_CLASSES = ("datetime", "date", "time", "decimal")


def load(data: bytes) -> object:
    """Return the value in the file: no bytes, no dates, only text keys. Raises FormatError, also
    for repeated keys."""
    _check_structure(data)
    counter = _ValueCounter()
    try:
        return _plain(msgpack.unpackb(data, object_pairs_hook=counter.map_of, list_hook=counter.list_of))
    except FormatError:
        raise
    except UnicodeDecodeError as exc:
        raise FormatError("bad-text", "The file holds text that is not UTF-8") from exc
    except ValueError as exc:
        raise FormatError("bad-msgpack", f"The file is not MessagePack: {exc}") from exc


def dump(value: object) -> bytes:
    """Return MessagePack with text as str."""
    try:
        packed: bytes = msgpack.packb(value, use_bin_type=True)
    except (TypeError, ValueError, OverflowError) as exc:
        raise FormatError(
            "not-encodable", f"The report contains values that MessagePack cannot represent: {exc}"
        ) from exc
    return packed


def _check_structure(data: bytes) -> None:
    """Check that the file has all entries that its maps and lists claim, without building them."""
    # A list may claim four thousand million entries in five bytes, and nested lists may each do so;
    # the real reader allocates what is claimed.
    unpacker = msgpack.Unpacker(max_buffer_size=len(data) + 1)
    unpacker.feed(data)
    try:
        unpacker.skip()
    except msgpack.OutOfData as exc:
        raise FormatError("cut-msgpack", "The file ends inside a value", offset=len(data)) from exc
    except msgpack.StackError as exc:
        message = "Too many maps and lists inside each other"
        raise FormatError("too-deep", message, offset=unpacker.tell()) from exc
    except ValueError as exc:
        raise FormatError("bad-msgpack", "The file is not MessagePack", offset=unpacker.tell()) from exc
    if unpacker.tell() != len(data):
        raise FormatError("trailing-data", "There is more after the end of the map", offset=unpacker.tell())


class _ValueCounter:
    """Counts what a file unpacks to, and converts each map and list to plain values when it is
    complete."""

    def __init__(self) -> None:
        self._containers = 0
        self._values = 0

    def map_of(self, pairs: list[tuple[str | bytes, object]]) -> dict[str, object] | str:
        self._count(len(pairs))
        result = unique_map([(_text(key), _plain(value)) for key, value in pairs])
        as_text = result.get("as_str")
        if result.keys() == _DATE_KEYS and result["__class__"] in _TEXT_CLASSES and isinstance(as_text, str):
            return as_text
        return result

    def list_of(self, items: list[object]) -> list[object]:
        self._count(len(items))
        return [_plain(item) for item in items] if bytes in map(type, items) else items

    def _count(self, values: int) -> None:
        self._containers += 1
        self._values += values
        check_amount(self._containers, self._values)


def _plain(value: object) -> object:
    return _text(value) if isinstance(value, bytes) else value


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
