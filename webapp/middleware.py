"""Middleware of the pages: the reader's time zone, and redirects to other sites."""

from collections.abc import Callable
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from server.core.rest.bodies import is_api


class UserTimeZoneMiddleware:
    """Activates the user's time zone, except for the API, whose times are in UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if is_api(request) or not request.user.is_authenticated:
            return self.get_response(request)
        with timezone.override(zone_named(request.user.time_zone)):
            return self.get_response(request)


def zone_named(name: str) -> ZoneInfo:
    """Returns UTC for a name that this machine's time zone database does not have."""
    try:
        return ZoneInfo(name)
    except (
        KeyError,
        ValueError,
        OSError,
    ):  # ZoneInfo raises all three, depending on what is wrong with the name
        return ZoneInfo("UTC")


class ExternalRedirectMiddleware:
    """Replaces a redirect to another site, in answer to a form, by a page that moves on.

    Signing in with another site redirects a posted form there, which the policy `form-action
    'self'` forbids.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.method != "POST" or response.status_code != 302 or is_api(request):
            return response
        host = urlsplit(response.headers["Location"]).netloc
        if host in {"", request.get_host()}:
            return response
        context = {"redirect_to": response.headers["Location"], "host": host}
        return render(request, "socialaccount/login_redirect.html", context)
