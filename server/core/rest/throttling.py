"""Throttles of the API. The rates are in the settings, `DEFAULT_THROTTLE_RATES`, by scope;
None is no limit.

>>> class ClaimDevice(APIView):
...     throttle_classes = (throttle("claim"),)
"""

from functools import cache
from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from server.core import limits
from server.core.client_address import client_address
from server.core.errors import LimitReached
from server.core.rest.parsing import body_of
from server.lib.mailboxes import mailbox


class ScopeThrottle(BaseThrottle):
    """Limits the requests of one person, device or program; without a credential, of one
    address."""

    scope: str

    def __init__(self) -> None:
        self._wait_s: float | None = None

    def allow_request(self, request: Request, view: APIView) -> bool:
        try:
            limits.count(self.scope, self.caller(request))
        except LimitReached as error:
            self._wait_s = error.retry_after_s
            return False
        return True

    def wait(self) -> float | None:
        return self._wait_s

    def caller(self, request: Request) -> str:
        if request.user.is_authenticated:
            return f"user {request.user.pk}"
        principal = getattr(request.auth, "pk", None)
        if principal is not None:
            return f"{type(request.auth).__name__} {principal}"
        return client_address(request._request)


@cache
def throttle(scope: str) -> type[ScopeThrottle]:
    """Returns a class for `throttle_classes`; views with the same scope share one count."""
    return type(f"{scope.title().replace('-', '')}Throttle", (ScopeThrottle,), {"scope": scope})


class TargetThrottle(ScopeThrottle):
    """Mails to one address that strangers can trigger. Unknown addresses count too, so that the
    throttle does not reveal accounts.

    The address is the field `email`, which is where the mail goes.
    """

    scope = "mail-target"

    def caller(self, request: Request) -> str:
        body: Any = body_of(request)
        email = str(body.get("email") or "") if isinstance(body, dict) else ""
        # JSON may contain lone surrogates, which cannot be encoded.
        return mailbox(email)[:254].encode(errors="replace").decode()
