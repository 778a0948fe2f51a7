"""allauth's forms for a code, with the limits that the API has, too."""

from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa.adapter import get_adapter as get_factor_adapter
from allauth.mfa.base import forms

from server.apps.accounts.services.signing import WrongSecondFactor, use_code
from server.apps.accounts.services.tries import second_factor_try
from server.core.client_address import client_address
from server.core.errors import LimitReached


class _CountedCode:
    """Mixed into a form of allauth's, which checks the code."""

    def clean_code(self) -> str:
        address = client_address(context.request)
        try:
            with second_factor_try(account=self.user, address=address) as this_try:  # type: ignore[attr-defined]  # the form's
                code: str = super().clean_code()  # type: ignore[misc]  # the form's
                use_code(account=self.user, code=code)  # type: ignore[attr-defined]
                this_try.failed = False
        except LimitReached as error:
            raise get_adapter().validation_error("too_many_login_attempts") from error
        except WrongSecondFactor as error:
            raise get_factor_adapter().validation_error("incorrect_code") from error
        return code


class AuthenticateForm(_CountedCode, forms.AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    pass


class ReauthenticateForm(_CountedCode, forms.ReauthenticateForm):  # type: ignore[misc]  # allauth has no types
    pass
