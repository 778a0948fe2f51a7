"""Where the current request came from, for records of it. Services take no request."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

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
        token = _current.set(Origin(_address_of(request), agent.replace("\0", "")[:_LONGEST_AGENT]))
        try:
            return self.get_response(request)
        finally:
            _current.reset(token)


def _address_of(request: HttpRequest) -> str:
    """Forwarding headers count only with NUM_PROXIES set: without a proxy any client can send them.
    "" for what is no address."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = request.headers.get("X-Forwarded-For", "")
    if settings.NUM_PROXIES and forwarded:
        hops = forwarded.split(",")
        address = hops[-min(settings.NUM_PROXIES, len(hops))].strip()
    return _plain_address(address)


def _plain_address(text: str) -> str:
    candidates = (
        text,
        text.rpartition(":")[0],
        text.partition("]")[0].removeprefix("["),
    )  # some proxies add a port
    for candidate in candidates:
        try:
            return str(ip_address(candidate))
        except ValueError:
            continue
    return ""
