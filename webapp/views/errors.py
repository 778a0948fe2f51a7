"""Error pages. They query no database, which may be what is unavailable."""

import sys

from django.conf import settings
from django.db.utils import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from server.core.errors import Unavailable
from webapp.context import Product

_RETRY_AFTER_SECONDS = "30"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer("errors/400.html", 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer("errors/403.html", 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer("errors/404.html", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answers 503 for an unavailable database. Django calls this while the exception is being handled."""
    if isinstance(sys.exception(), (OperationalError, InterfaceError, Unavailable)):
        return unavailable(request)
    return _answer("errors/500.html", 500)


def unavailable(request: HttpRequest, message: str = "") -> HttpResponse:
    response = _answer("errors/503.html", 503, message)
    response["Retry-After"] = _RETRY_AFTER_SECONDS
    return response


def _answer(template: str, status: int, message: str = "") -> HttpResponse:
    context = {"product": Product(settings.SITE_NAME, ""), "status": status, "message": message}
    return HttpResponse(render_to_string(template, context), status=status)
