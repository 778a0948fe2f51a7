"""Throttles against guessing. The rates are in the settings, `DEFAULT_THROTTLE_RATES`, by scope;
None is no limit.

>>> class ClaimDevice(APIView):
...     throttle_classes = (throttle("claim"),)
"""

from functools import cache
from typing import Any

from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from server.core import credentials
from server.core.rest.parsing import body_of


class ScopeThrottle(SimpleRateThrottle):
    """Limits the requests of one person, device or program; without a credential, of one
    address."""

    scope: str
    num_requests: int
    duration: int

    def get_rate(self) -> str | None:
        """Reads the settings each time, so that a test can change them."""
        rates: dict[str, Any] = api_settings.DEFAULT_THROTTLE_RATES
        rate: str | None = rates[self.scope]
        return rate

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return self.cache_format % {"scope": self.scope, "ident": credentials.digest(self.caller(request))}

    def caller(self, request: Request) -> str:
        if request.user.is_authenticated:
            return f"user {request.user.pk}"
        principal = getattr(request.auth, "pk", None)
        if principal is not None:
            return f"{type(request.auth).__name__} {principal}"
        return f"address {self.get_ident(request)}"

    def get_ident(self, request: Request) -> str:
        """Forwarding headers count only with NUM_PROXIES set: without a proxy any client can send
        them."""
        if api_settings.NUM_PROXIES is None:
            return str(request.META.get("REMOTE_ADDR", ""))
        return str(super().get_ident(request))


@cache
def throttle(scope: str) -> type[ScopeThrottle]:
    """Returns a class for `throttle_classes`; views with the same scope share one count."""
    return type(f"{scope.title().replace('-', '')}Throttle", (ScopeThrottle,), {"scope": scope})


class SignInThrottle(ScopeThrottle):
    """Tries for one login from one address: guessing one password."""

    scope = "sign-in"

    def caller(self, request: Request) -> str:
        return f"{self.get_ident(request)} {_login_of(body_of(request))}"


class AddressThrottle(ScopeThrottle):
    """Tries from one address for any login: trying one password on many accounts."""

    scope = "sign-in-address"

    def caller(self, request: Request) -> str:
        return self.get_ident(request)


class LoginThrottle(ScopeThrottle):
    """Failures for one login from any address: many machines that guess together.

    Only failures count, so that a hundred gateways with one account can all sign in after a power
    cut.
    """

    scope = "sign-in-login"

    def caller(self, request: Request) -> str:
        return _login_of(body_of(request))

    def throttle_success(self) -> bool:
        return True

    @classmethod
    def record_failure(cls, request: Request, view: APIView) -> None:
        counter = cls()
        if counter.rate is None:
            return
        key, now = counter.get_cache_key(request, view), counter.timer()
        tries = [now, *counter.cache.get(key, [])][: counter.num_requests]
        counter.cache.set(key, tries, counter.duration)


class TargetThrottle(ScopeThrottle):
    """Mails to one address that strangers can trigger. Unknown addresses count too, so that the
    throttle does not reveal accounts."""

    scope = "mail-target"

    def caller(self, request: Request) -> str:
        return _login_of(body_of(request))


SIGN_IN_THROTTLES = (SignInThrottle, AddressThrottle, LoginThrottle)


def _login_of(body: Any) -> str:
    if not isinstance(body, dict):
        return ""
    login = str(body.get("email") or body.get("username") or "").strip().lower()[:254]
    return login.encode(
        errors="replace"
    ).decode()  # JSON may contain lone surrogates, which cannot be encoded
