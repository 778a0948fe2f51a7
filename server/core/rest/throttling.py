"""Guessing passwords takes tries; tries are counted by who is asked for and where it comes from."""

from typing import Any

from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from server.core import credentials
from server.core.rest.parsing import body_of


class SignInThrottle(SimpleRateThrottle):
    scope = "sign-in"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        who = f"{self.get_ident(request)} {_login_of(body_of(request))}"
        return self.cache_format % {"scope": self.scope, "ident": credentials.digest(who)}

    def get_ident(self, request: Request) -> str:
        """The forwarding headers count only when NUM_PROXIES says who wrote them: anyone can send them."""
        if api_settings.NUM_PROXIES is None:
            return str(request.META.get("REMOTE_ADDR", ""))
        return str(super().get_ident(request))


def _login_of(body: Any) -> str:
    if not isinstance(body, dict):
        return ""
    login = str(body.get("email") or body.get("username") or "").strip().lower()[:254]
    return login.encode(errors="replace").decode()  # JSON can say half a character, which has no bytes
