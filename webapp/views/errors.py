"""Error pages. They query no database, which may be what is unavailable."""

import sys

from django.conf import settings
from django.db.utils import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from server.core.errors import Unavailable
from server.core.rest.bodies import RefusedBody, is_api
from webapp.context import Product

_RETRY_AFTER_SECONDS = "30"
_DETAILS = {
    400: "The request is not valid.",
    403: "You do not have permission to perform this action.",
    404: "Not found.",
    500: "The error is on our side and has been logged.",
    503: "Part of the system is unavailable.",
}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RefusedBody):
        return _answer(request, "errors/400.html", exception.status, exception.message)
    return _answer(request, "errors/400.html", 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, "errors/403.html", 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Most often the form is older than the sign-in: it was opened before signing in in another
    tab."""
    return _answer(request, "errors/csrf.html", 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, "errors/404.html", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answers 503 for an unavailable database. Django calls this while the exception is being
    handled."""
    if isinstance(sys.exception(), (OperationalError, InterfaceError, Unavailable)):
        return unavailable(request)
    return _answer(request, "errors/500.html", 500)


def unavailable(request: HttpRequest, message: str = "") -> HttpResponse:
    response = _answer(request, "errors/503.html", 503, message)
    response["Retry-After"] = _RETRY_AFTER_SECONDS
    return response


def _answer(request: HttpRequest, template: str, status: int, message: str = "") -> HttpResponse:
    if is_api(request):  # a program reads no page
        return JsonResponse({"detail": message or _DETAILS[status]}, status=status)
    context = {"product": Product(settings.SITE_NAME, ""), "status": status, "message": message}
    return HttpResponse(render_to_string(template, context), status=status)
