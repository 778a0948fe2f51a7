"""Pages show times in the time zone of whoever reads them."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone


class UserTimeZoneMiddleware:
    """The API is left alone: its times are UTC for everybody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith("/api/") or not request.user.is_authenticated:
            return self.get_response(request)
        with timezone.override(zone_named(request.user.time_zone)):
            return self.get_response(request)


def zone_named(name: str) -> ZoneInfo:
    """UTC for a name that this machine's time zone database does not have."""
    try:
        return ZoneInfo(name)
    except (
        KeyError,
        ValueError,
        OSError,
    ):  # ZoneInfo raises all three, depending on what is wrong with the name
        return ZoneInfo("UTC")
