"""Addresses as people see them, wherever the request came from."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase


def site_url() -> str:
    """Where this installation is found, without a slash at the end. For links in mails: a request's
    Host is the sender's word."""
    return f"{settings.SITE_ORIGIN}{settings.FORCE_SCRIPT_NAME or ''}"


def public_link(request: HttpRequest, url: str) -> str:
    """The same address of ours, at the public origin. For links that a library built from the
    request's Host."""
    here = f"{request.scheme}://{request.get_host()}"
    return f"{settings.SITE_ORIGIN}{url.removeprefix(here)}" if url.startswith(f"{here}/") else url


class PublicHostMiddleware:
    """With `PUBLIC_URL`, each request counts as one to that host, whatever name the proxy asked by.

    A Host that is neither public nor of this machine stays a 400: no other site may have its name
    lead here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.get_host()  # raises DisallowedHost
        request.META["HTTP_HOST"] = settings.PUBLIC_HOST
        return self.get_response(request)
