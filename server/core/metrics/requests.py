"""Counts the requests of a web process by the name of their view, not by path: there is no limit to
the paths that clients ask for."""

import time
from collections.abc import Awaitable, Callable
from functools import cache
from inspect import iscoroutinefunction
from typing import Any, Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from server.core.metrics.meters import HTTP_REQUESTS, HTTP_SECONDS

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_VIEW: Final = "none"  # static files, and URLs that do not exist

Answer = HttpResponseBase | Awaitable[HttpResponseBase]


@sync_and_async_middleware
def measure_requests(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Answer]:
    """The outermost middleware, so that it measures the others too."""
    if iscoroutinefunction(get_response):

        async def measure_async(request: HttpRequest) -> HttpResponseBase:
            began = time.perf_counter()
            response: HttpResponseBase = await get_response(request)
            _count_request(request, response, time.perf_counter() - began)
            return response

        return measure_async

    def measure(request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response: HttpResponseBase = get_response(request)
        _count_request(request, response, time.perf_counter() - began)
        return response

    return measure


def _count_request(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    method = request.method if request.method in METHODS else "OTHER"
    match = request.resolver_match
    view = NO_VIEW if match is None else match.view_name or _name_of(match.func)
    HTTP_REQUESTS.labels(view, method, str(response.status_code)).inc()
    HTTP_SECONDS.labels(view, method).observe(seconds)


@cache
def _name_of(view: Any) -> str:
    """Returns a name for a view that has none in the URL map: the path of its class."""
    kind = getattr(view, "cls", None) or getattr(view, "view_class", view)
    return f"{kind.__module__}.{kind.__qualname__}".removeprefix("server.apps.")
