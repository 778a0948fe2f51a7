"""Our errors as HTTP responses, with the bodies that existing clients read: `{"detail": …}` or a
field map."""

from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db.utils import InterfaceError, OperationalError
from django.http import UnreadablePostError
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import exception_handler

from server.core.errors import (
    Conflict,
    FieldlineError,
    Forbidden,
    Invalid,
    LimitReached,
    NotFound,
    QuotaExceeded,
    StorageFull,
    TooMany,
    Unavailable,
)

_STATUS: dict[type[FieldlineError], int] = {
    Invalid: status.HTTP_400_BAD_REQUEST,
    Conflict: status.HTTP_400_BAD_REQUEST,  # the existing clients know no 409
    TooMany: status.HTTP_429_TOO_MANY_REQUESTS,
    Forbidden: status.HTTP_403_FORBIDDEN,
    NotFound: status.HTTP_404_NOT_FOUND,
    LimitReached: status.HTTP_429_TOO_MANY_REQUESTS,
    QuotaExceeded: status.HTTP_429_TOO_MANY_REQUESTS,
    Unavailable: status.HTTP_503_SERVICE_UNAVAILABLE,
    StorageFull: status.HTTP_507_INSUFFICIENT_STORAGE,
}


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The request is too large."
    default_code = "too-large"


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. Returns None for an unknown error, which becomes a 500 that is
    logged with its traceback."""
    force_json(context.get("request"))
    if isinstance(error, (OperationalError, InterfaceError)):
        error = Unavailable("A database is unavailable right now.")
    if isinstance(error, FieldlineError):
        return _response_of(error)
    return exception_handler(_as_rest_error(error), context)


def force_json(request: Any) -> None:
    """Answer in JSON, even a request for a table or MessagePack."""
    if request is not None and getattr(request, "accepted_renderer", None) is not None:
        request.accepted_renderer, request.accepted_media_type = JSONRenderer(), JSONRenderer.media_type


def _as_rest_error(error: Exception) -> Exception:
    """Translate Django's errors about unreadable requests, which would be answered with an HTML
    page."""
    if isinstance(error, RequestDataTooBig):
        return TooLarge()
    if isinstance(error, SuspiciousOperation):
        return ParseError("The request cannot be read.")
    if isinstance(error, UnreadablePostError):
        return ParseError("The request ended before it was complete.")
    return error


def _response_of(error: FieldlineError) -> Response:
    code = next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 500)
    body = {error.field: [error.message]} if error.field else {"detail": error.message}
    may_try_again = error.retry or code == status.HTTP_429_TOO_MANY_REQUESTS
    headers = {"Retry-After": str(error.retry_after_s)} if may_try_again else None
    return Response(body, status=code, headers=headers)
