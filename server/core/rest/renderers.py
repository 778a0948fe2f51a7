"""Response formats other than JSON, chosen by the Accept header or `?format=`."""

from datetime import UTC, date, datetime
from typing import Any

import msgpack
from django.http import HttpResponse
from rest_framework.renderers import BaseRenderer


class MessagePackRenderer(BaseRenderer):
    """The same document as in JSON, with times as the same text."""

    media_type = "application/msgpack"
    format = "msgpack"
    charset = None
    render_style = "binary"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        packed: bytes = msgpack.packb(data, default=_as_text)
        return packed


def _as_text(value: object) -> object:
    """Returns a value as the API's JSON has it."""
    if isinstance(value, datetime):
        text = value.isoformat()
        return text[:-6] + "Z" if value.tzinfo is UTC or text.endswith("+00:00") else text
    return value.isoformat() if isinstance(value, date) else str(value)


class CsvRenderer(BaseRenderer):
    """For views that write their table themselves; only errors are rendered here."""

    media_type = "text/csv"
    format = "csv"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> str:
        problems = data.items() if isinstance(data, dict) else [("detail", data)]
        return "".join(f"{name}: {problem}\n" for name, problem in problems)


class TextRenderer(CsvRenderer):
    media_type = "text/plain"
    format = "txt"


def json_response(body: bytes, *, status: int = 200) -> HttpResponse:
    """Returns a response of text that is JSON already."""
    return HttpResponse(body, content_type="application/json", status=status)
