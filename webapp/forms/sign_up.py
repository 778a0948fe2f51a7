from typing import Any

from allauth.account.forms import SignupForm
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from server.apps.accounts.models import Account


class SignUpForm(SignupForm):  # type: ignore[misc]  # allauth has no types
    """Sent twice at once it makes one account: both forms were checked before either was saved."""

    def try_save(self, request: HttpRequest) -> Any:
        try:
            with transaction.atomic():
                return super().try_save(request)
        except IntegrityError:
            # Either the address has an account now, which gets a mail, or only the free name was
            # taken meanwhile.
            email = self.cleaned_data["email"]
            self.account_already_exists = Account.objects.filter(email__iexact=email).exists()
            return super().try_save(request)
