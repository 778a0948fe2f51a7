"""Conditional requests: an `ETag` on every read, 304 when the client has it already, 412 when a
write would replace a newer version."""

import copy
import re
from collections.abc import Callable
from typing import Final

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.middleware.http import ConditionalGetMiddleware
from django.utils.cache import patch_vary_headers, set_response_etag
from django.utils.http import parse_etags

from server.core import credentials
from server.core.rest.bodies import is_api

_CODING: Final = re.compile(r'-(gzip|deflate|br|zstd)"')
_WRITES: Final = {"PUT", "PATCH", "DELETE"}


class ApiConditionalGet(ConditionalGetMiddleware):
    """Below /api/ only: pages contain CSRF tokens and are never the same twice."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not is_api(request) or request.method != "GET":
            return response
        if if_none_match := request.headers.get("If-None-Match"):
            request.META["HTTP_IF_NONE_MATCH"] = _without_coding(if_none_match)
        patch_vary_headers(response, ["Authorization", "Cookie"])
        response.headers.setdefault(
            "Cache-Control", "private, no-cache"
        )  # clients revalidate each time, with the ETag
        return super().process_response(request, response)


class IfMatchMiddleware:
    """`If-Match` on a write: it is done only if the object is still what the client read.

    Writes with If-Match to one path run one after the other, so of two at once one succeeds and the
    other gets 412.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if_match = request.headers.get("If-Match")
        if if_match is None or request.method not in _WRITES or not is_api(request):
            return self.get_response(request)
        with transaction.atomic():
            _wait_for_others(request.path_info)
            current = self.get_response(_as_get(request))
            if current.status_code == 200 and not _matches(if_match, current):
                return JsonResponse({"detail": "The object has changed since you read it."}, status=412)
            return self.get_response(request)


def _without_coding(etags: str) -> str:
    """Returns the ETags as we made them: a proxy that compresses, such as Apache, hands out
    `"…-gzip"` and does not take it back."""
    return _CODING.sub('"', etags)


def _wait_for_others(path: str) -> None:
    number = int(credentials.digest(path)[:15], 16)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def _as_get(request: HttpRequest) -> HttpRequest:
    """Returns the same request as a GET. It must not read the body, which the write needs, and asks
    for the object as the caller sees it: what else is in the query is for the write."""
    reading = copy.copy(request)
    reading.method = "GET"
    query = "staff=1" if request.GET.get("staff") == "1" else ""
    reading.GET = QueryDict(query)
    reading.META = {**request.META, "REQUEST_METHOD": "GET", "CONTENT_LENGTH": "0", "QUERY_STRING": query}
    return reading


def _matches(if_match: str, current: HttpResponseBase) -> bool:
    if if_match.strip() == "*" or not isinstance(current, HttpResponse):
        return True
    set_response_etag(current)
    strong = [etag.removeprefix("W/") for etag in parse_etags(_without_coding(if_match))]
    return current.headers.get("ETag", "").removeprefix("W/") in strong
