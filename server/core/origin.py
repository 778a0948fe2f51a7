"""Where the current request came from, for records of it. Services take no request."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from server.core.client_address import exact_address

_LONGEST_AGENT: Final = 200


@dataclass(frozen=True, slots=True)
class Origin:
    address: str = ""
    user_agent: str = ""


NO_REQUEST: Final = Origin()
_current: ContextVar[Origin] = ContextVar("origin of the request", default=NO_REQUEST)


def current_origin() -> Origin:
    """Returns an empty one outside of a request, for instance in a job."""
    return _current.get()


class OriginMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        agent = request.headers.get("User-Agent", "").encode("ascii", "replace").decode()
        token = _current.set(
            Origin(str(exact_address(request) or ""), agent.replace("\0", "")[:_LONGEST_AGENT])
        )
        try:
            return self.get_response(request)
        finally:
            _current.reset(token)
