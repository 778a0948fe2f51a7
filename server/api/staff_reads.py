"""A record of what staff read of organisations that are not theirs."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from server.apps.accounts.models import Account
from server.apps.activity.services.security import record_staff_read
from server.core.rest.bodies import is_api


class StaffReadMiddleware:
    """After the view, which has found out who asks: DRF sets the user of the request too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.GET.get("staff") == "1" and is_api(request) and response.status_code < 400:
            user = getattr(request, "user", None)
            if isinstance(user, Account) and user.is_staff:
                record_staff_read(account=user, subject=_subject(request))
        return response


def _subject(request: HttpRequest) -> str:
    """Returns the noun and the object: `org north-water`; the noun alone for a list of all
    organisations' objects."""
    words = request.path_info.removeprefix("/api/v1/").split("/")
    return " ".join(word for word in words[:2] if word)
