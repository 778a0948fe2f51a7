"""Serializers of accounts."""

from typing import Any

from rest_framework import serializers

from server.api.auth.serializers import PasswordField
from server.core.rest.parsing import StrictInput

_ANSWERED = frozenset({"id", "created_at", "updated_at", "avatar", "slug", "is_staff"})


class _TwicePassword(StrictInput):
    password = PasswordField()
    confirm_password = PasswordField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["password"] != attrs["confirm_password"]:
            raise serializers.ValidationError({"confirm_password": ["This is not the same password."]})
        return attrs


class SignUpInput(_TwicePassword):
    email = serializers.EmailField(max_length=254)
    username = serializers.CharField(
        max_length=40, required=False, allow_blank=True, default="", help_text="Changed when it is taken."
    )
    name = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    captcha_token = serializers.CharField(
        max_length=10_000, required=False, allow_blank=True, help_text="Ignored."
    )
    verified_email = serializers.BooleanField(
        required=False, default=False, help_text="Staff only: the address needs no confirmation."
    )


class SignUpOutput(serializers.Serializer[Any]):
    """`id`, `slug` and `created_at` are null unless the caller is staff: they would reveal whether
    the address has an account."""

    id = serializers.IntegerField(allow_null=True)
    slug = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField(allow_null=True)
    username = serializers.CharField(allow_blank=True)
    email = serializers.CharField()
    name = serializers.CharField(allow_blank=True)


class AccountInput(StrictInput):
    """An address is changed on the account page, where it is confirmed; a user name never, since
    others know it."""

    ignored = _ANSWERED

    name = serializers.CharField(max_length=120, required=False, allow_blank=True)
    tagline = serializers.CharField(max_length=260, required=False, allow_blank=True)
    email = serializers.CharField(max_length=254, required=False, help_text="Must be the present one.")
    username = serializers.CharField(max_length=40, required=False, help_text="Must be the present one.")


class SetPasswordInput(_TwicePassword):
    current_password = PasswordField()


class StatusOutput(serializers.Serializer[Any]):
    status = serializers.CharField()
