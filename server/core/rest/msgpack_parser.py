"""MessagePack bodies of the API: the same values as in JSON, and nothing else."""

import math
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from server.lib.formats import FormatError
from server.lib.formats.msgpack_form import load

_PLAIN = (str, bool, int, type(None))


class MessagePackParser(BaseParser):
    """With the limits of reports in MessagePack: on entries, on depth, on what a body claims to
    hold, before anything is built."""

    media_type = "application/msgpack"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            document = load(stream.read())
        except FormatError as error:
            raise ParseError(f"MessagePack parse error - {error}") from error
        _check(document)
        return document


class OldNameParser(MessagePackParser):
    media_type = "application/x-msgpack"


def _check(document: Any) -> None:
    """Raises ParseError for what JSON cannot hold: extension types, infinite numbers."""
    level = [document]
    while level:
        inner: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                inner.extend(value.values())
            elif isinstance(value, list):
                inner.extend(value)
            elif not isinstance(value, _PLAIN) and not (isinstance(value, float) and math.isfinite(value)):
                raise ParseError(f"MessagePack parse error - {str(value)[:40]} has no form in JSON")
        level = inner
