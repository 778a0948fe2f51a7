"""A dictionary report written as JSON, in UTF-8."""

import json

from server.lib.formats.errors import FormatError
from server.lib.formats.payload import check_amount, excerpt, unique_map

_MAX_DIGITS = 20  # of 2**64, and more than any field takes; int() needs the square of the digits in time


def load(data: bytes) -> object:
    """The value that the file holds. Numbers beyond the limits, NaN and repeated keys are refused."""
    # Counted before parsing. Brackets and commas inside text count too, which only makes the limit tighter.
    check_amount(containers=data.count(b"{") + data.count(b"["), values=data.count(b",") + 1)
    text = _text(data)
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as exc:
        offset = len(text[: exc.pos].encode())
        raise FormatError("bad-json", f"The file is not JSON: {exc.msg}", offset=offset) from exc
    except RecursionError as exc:
        raise FormatError("too-deep", "Too many maps and lists inside each other") from exc


def dump(value: object) -> bytes:
    """Compact JSON, in ASCII."""
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError) as exc:
        raise FormatError("not-encodable", f"The report holds what JSON cannot say: {exc}") from exc


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as exc:
        raise FormatError("bad-text", "The file is not UTF-8 text", offset=exc.start) from exc


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise FormatError(
            "out-of-range", f"A whole number of {len(digits)} digits, {excerpt(digits)}, is too large"
        )
    return int(digits)


def _refuse_constant(name: str) -> object:
    raise FormatError("not-a-number", f"{name} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=unique_map, parse_int=_integer, parse_constant=_refuse_constant)
