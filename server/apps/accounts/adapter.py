"""How allauth fits in here."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest

from server.apps.accounts.models import Account
from server.apps.accounts.services import revoke_credentials


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.SIGNUP_OPEN)

    def set_password(self, user: Account, password: str) -> None:
        """Whoever changes a password means that what was given out under the old one no longer counts."""
        super().set_password(user, password)
        revoke_credentials(user=user)
