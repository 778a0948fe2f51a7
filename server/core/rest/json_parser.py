"""JSON bodies of the API."""

import json
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from server.lib.formats import FormatError
from server.lib.formats.payload import check_json_amount


class CountedJsonParser(JSONParser):
    """JSON, with a byte order mark or without. What would grow to many times its size is refused
    before it is parsed."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return load_json(stream.read())


def load_json(data: bytes) -> Any:
    """Raises ParseError, and RecursionError for JSON that is nested too deeply."""
    try:
        check_json_amount(data)
        return json.loads(data.decode("utf-8-sig"), parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise ParseError(f"JSON parse error - not UTF-8 (byte {error.start})") from error
    except FormatError as error:
        raise ParseError(error.message) from error
    except ValueError as error:
        raise ParseError(f"JSON parse error - {error}") from error


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is not JSON")
