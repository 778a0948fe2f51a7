"""Writes to an address without its last slash."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import is_valid_path

_REDIRECTED: Final = {"GET", "HEAD", "OPTIONS"}


class SlashMiddleware:
    """Takes a write to `…/report` as one to `…/report/`.

    Django redirects there, and the usual clients follow with a GET: a list is read, and the sender
    takes it for the answer to what it wrote.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if (
            request.method not in _REDIRECTED
            and not request.path_info.endswith("/")
            and not is_valid_path(request.path_info)
            and is_valid_path(f"{request.path_info}/")
        ):
            request.path_info, request.path = f"{request.path_info}/", f"{request.path}/"
        return self.get_response(request)
