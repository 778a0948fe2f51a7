"""The decorator of every page: signed-in users only, errors as responses. And flash messages."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.cache import patch_cache_control, patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from server.apps.accounts.models import Account
from server.core.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from webapp.context import live_origin
from webapp.views import errors

P = ParamSpec("P")
Answer = TypeVar("Answer")


class PageRequest(HttpRequest):
    """A request of a signed-in user."""

    user: Account
    htmx: HtmxDetails


def page(view: Callable[Concatenate[PageRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """For a page and its fragments: signed-in users only, and never cached for anybody else."""

    @wraps(view)
    def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        try:
            response = view(cast(PageRequest, request), *args, **kwargs)
        except NotFound as error:
            raise Http404 from error
        except Forbidden as error:
            raise PermissionDenied(error.message) from error
        except Unavailable as error:
            return errors.unavailable(request, error.message)
        _allow_live_push(request, response)
        patch_cache_control(response, private=True, no_cache=True)
        patch_vary_headers(response, ["HX-Request", "HX-Target", "Cookie"])
        return response

    return wrapper


def flash(request: HttpRequest, act: Callable[[], object], done: str) -> None:
    """Call `act`, and flash `done` or the reason of its refusal on the next page."""
    try:
        act()
    except (Conflict, Forbidden, Invalid) as error:
        messages.error(request, error.message)
    else:
        messages.success(request, done)


def when_reachable(query: Callable[[], Answer]) -> Answer | None:
    """Returns the result of a query of the stream-data database; None while that is unavailable,
    which a page then shows."""
    try:
        return query()
    except Unavailable:
        return None


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request") == "true":
        # The sign-in page must not replace a fragment, so the whole page is redirected.
        return HttpResponseClientRedirect(resolve_url("account_login"))
    return redirect_to_login(request.get_full_path())


def _allow_live_push(request: HttpRequest, response: HttpResponse) -> None:
    """Allow live push in the Content-Security-Policy of this response: its origin depends on the
    request."""
    origin = live_origin(request)
    if origin is not None:
        response._csp_update = {"connect-src": [origin]}  # type: ignore[attr-defined]  # django-csp has no types
