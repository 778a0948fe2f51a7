"""What a request may bring: a body as large as its view takes, plain or compressed with gzip."""

import io
from collections.abc import Callable
from typing import Any, Final, TypeVar

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, JsonResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

from server.lib.formats import FormatError, gzipped
from server.lib.formats.payload import JsonAmount

MAX_BODY_BYTES: Final = 64 * 1024
"""For a view that says nothing else by `max_body_bytes`."""
DOCUMENT_BODY_BYTES: Final = 640 * 1024
"""For views with a document: `documents.MOST_CHARACTERS`, each perhaps written as `\\u0000`."""
TABLE_BODY_BYTES: Final = 1024 * 1024 + 65_536
"""For views that take a table as CSV (`tables.py`)."""
DATA_BODY_BYTES: Final = 4 * 1024 * 1024
"""For 10,000 readings, 400 bytes each."""
FORM_BYTES: Final = 64 * 1024
"""Of a multipart form, beside the file in it."""
REPORT_BODY_BYTES: Final = settings.REPORT_MAX_BYTES + FORM_BYTES
_View = TypeVar("_View", bound=Callable[..., Any])


def takes_body(size_bytes: int) -> Callable[[_View], _View]:
    """Decorates a function that is a view. A class has the attribute `max_body_bytes`."""

    def with_limit(view: _View) -> _View:
        view.max_body_bytes = size_bytes  # type: ignore[attr-defined]  # functions take attributes
        return view

    return with_limit


def body_limit(path: str) -> int:
    """Bytes that the view at a path takes. The path is the whole one, below SCRIPT_NAME too."""
    path_info = path.removeprefix((settings.FORCE_SCRIPT_NAME or "").rstrip("/"))
    try:
        # With the slash that `SlashMiddleware` would add.
        view = resolve(path_info if path_info.endswith("/") else f"{path_info}/").func
    except Resolver404:
        return MAX_BODY_BYTES
    for each in (view, getattr(view, "cls", None), getattr(view, "view_class", None)):
        limit: int | None = getattr(each, "max_body_bytes", None)
        if limit is not None:
            return limit
    return MAX_BODY_BYTES


class RefusedBody(BadRequest):
    """A body that no view gets to see."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class BodyMiddleware:
    """Before everything that reads a body: CSRF, idempotency, parsers.

    A body that is too large is not read; one that is compressed with gzip is unpacked, up to the
    same limit. Raises RefusedBody for pages, and answers the API itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            _check(request)
        except RefusedBody as refusal:
            if not is_api(request):
                raise
            return JsonResponse({"detail": refusal.message}, status=refusal.status)
        return self.get_response(request)


def is_api(request: HttpRequest) -> bool:
    """By the path that the URL map sees, which below SCRIPT_NAME is not the whole one."""
    return request.path_info.startswith("/api/")


def _check(request: HttpRequest) -> None:
    declared = request.META.get("CONTENT_LENGTH") or ""
    if not declared and request.META.get("HTTP_TRANSFER_ENCODING"):
        # A server that passes on such a body without its size would have Django take it for empty.
        raise RefusedBody(411, "Send the request with its Content-Length.")
    size = int(declared) if declared.isascii() and declared.isdecimal() else 0
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if size <= MAX_BODY_BYTES and encoding in {"", "identity"}:
        return
    limit = body_limit(request.path)
    if size > limit:
        raise RefusedBody(413, f"The request is too large: at most {limit} bytes are possible here.")
    if encoding in {"gzip", "x-gzip"}:
        _unpack(request, limit)
    elif encoding not in {"", "identity"}:
        raise RefusedBody(415, "The Content-Encoding is not supported: send gzip, or none.")


def _unpack(request: HttpRequest, limit: int) -> None:
    is_json = request.headers.get("Content-Type", "").startswith("application/json")
    try:
        data = gzipped.unpack(request.read(), max_bytes=limit, check=JsonAmount().add if is_json else None)
    except UnreadablePostError as error:
        raise RefusedBody(400, "The request ended before it was complete.") from error
    except FormatError as error:
        raise RefusedBody(400, f"{error.message}.") from error
    except gzipped.NotGzip as error:
        raise RefusedBody(
            400, "The body is not compressed with gzip, as its Content-Encoding says."
        ) from error
    except gzipped.TooLarge as error:
        raise RefusedBody(
            413, f"The request is too large: at most {limit} bytes are possible here, unpacked."
        ) from error
    except gzipped.NotWhole as error:
        raise RefusedBody(400, f"The gzip body is {error}.") from error
    # Django offers no way to replace what a request reads from; the parsers of DRF and of forms use
    # it too.
    request._stream = io.BytesIO(data)
    request._read_started = False  # type: ignore[attr-defined]  # WSGIRequest has it
    request.META["CONTENT_LENGTH"] = str(len(data))
    del request.META["HTTP_CONTENT_ENCODING"]
    request.__dict__.pop("headers", None)  # cached from META
