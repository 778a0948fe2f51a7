"""Dictionary reports as JSON in UTF-8."""

import json

from server.lib.formats.errors import FormatError
from server.lib.formats.payload import check_json_amount, excerpt, unique_map

_MAX_DIGITS = 20  # of 2**64, and more than any field takes; int() takes time by the square of the digits


def load(data: bytes) -> object:
    """Return the value in the file. Raises FormatError, also for numbers beyond the limits, NaN and
    repeated keys."""
    check_json_amount(data)
    text = _text(data)
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as exc:
        offset = len(text[: exc.pos].encode())
        raise FormatError("bad-json", f"The file is not JSON: {exc.msg}", offset=offset) from exc
    except RecursionError as exc:
        raise FormatError("too-deep", "Too many maps and lists inside each other") from exc


def dump(value: object) -> bytes:
    """Return compact JSON in ASCII."""
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError) as exc:
        raise FormatError(
            "not-encodable", f"The report contains values that JSON cannot represent: {exc}"
        ) from exc


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
