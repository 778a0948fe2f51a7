"""allauth's forms for a code or a passkey, with the limits and security events of the API."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa.adapter import get_adapter as get_factor_adapter
from allauth.mfa.base import forms
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as passkeys
from allauth.mfa.webauthn.internal.auth import extract_user_from_response
from django.core.exceptions import ValidationError

from server.apps.accounts.models import Account
from server.apps.accounts.services.signing import WrongSecondFactor, use_code
from server.apps.accounts.services.tries import second_factor_try
from server.apps.activity.services.security import Kind, Result, record_security_event
from server.core.client_address import client_address
from server.core.errors import LimitReached


@contextmanager
def _try_of(account: Account) -> Iterator[None]:
    """Counts what is wrong for the account, and records it."""
    try:
        with second_factor_try(account=account, address=client_address(context.request)) as this_try:
            yield
            this_try.failed = False
    except LimitReached as error:
        raise get_adapter().validation_error("too_many_login_attempts") from error
    except (ValidationError, WrongSecondFactor) as error:
        record_security_event(Kind.SECOND_FACTOR, account=account, result=Result.REFUSED)
        raise get_factor_adapter().validation_error("incorrect_code") from error


class _CountedCode:
    """Mixed into a form of allauth's, which checks the code."""

    user: Account

    def clean_code(self) -> str:
        with _try_of(self.user):
            code: str = super().clean_code()  # type: ignore[misc]  # the form's
            use_code(account=self.user, code=code)
        return code


class AuthenticateForm(_CountedCode, forms.AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    pass


class ReauthenticateForm(_CountedCode, forms.ReauthenticateForm):  # type: ignore[misc]  # allauth has no types
    pass


class _CountedPasskey:
    """The same for a passkey."""

    user: Account

    def clean_credential(self) -> Authenticator:
        with _try_of(self.user):
            return super().clean_credential()  # type: ignore[misc]  # the form's


class AuthenticatePasskeyForm(_CountedPasskey, passkeys.AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    pass


class ReauthenticatePasskeyForm(_CountedPasskey, passkeys.ReauthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    pass


class PasskeySignInForm(passkeys.LoginWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """Records, and does not count for the account: whose it is only the sender says, and nobody
    guesses a signature."""

    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()
        except ValidationError:
            account = _claimed_account(self.cleaned_data["credential"])
            record_security_event(Kind.SIGN_IN, account=account, result=Result.REFUSED, subject="passkey")
            raise


def _claimed_account(credential: Any) -> Account | None:
    try:
        account: Account = extract_user_from_response(credential)
    except (ValidationError, AttributeError):
        return None
    return account
