"""Serializers of signing in, and of the signed-in account. Field names are those of the original
cloud."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from server.apps.accounts.models import Account
from server.core.rest.parsing import StrictInput


class PasswordField(serializers.CharField):
    """Not trimmed: a space at its end is part of the password."""

    def __init__(self) -> None:
        super().__init__(max_length=1024, trim_whitespace=False, write_only=True)


class SecondFactorField(serializers.CharField):
    def __init__(self) -> None:
        super().__init__(
            max_length=64,
            required=False,
            allow_blank=True,
            default="",
            write_only=True,
            help_text="For an account with a second factor: a code of its app, or a recovery code. The header X-OTP does as well.",
        )


class LoginInput(serializers.Serializer[Any]):
    email = serializers.CharField(max_length=254, help_text="The e-mail address, or the user name.")
    password = PasswordField()
    otp = SecondFactorField()


class JwtAuthInput(serializers.Serializer[Any]):
    username = serializers.CharField(help_text="The e-mail address, or the user name.", max_length=254)
    password = PasswordField()
    otp = SecondFactorField()


class JwtRefusedOutput(serializers.Serializer[Any]):
    """For the documentation."""

    non_field_errors = serializers.ListField(child=serializers.CharField(), required=False)
    code = serializers.ChoiceField(choices=["otp-required", "otp-wrong"], required=False)


class TokensOutput(serializers.Serializer[Any]):
    token = serializers.CharField()
    jwt = serializers.CharField()


class PasswordResetInput(StrictInput):
    email = serializers.EmailField(max_length=254)


class DetailOutput(serializers.Serializer[Any]):
    detail = serializers.CharField()


class JwtInput(serializers.Serializer[Any]):
    token = serializers.CharField(max_length=4096)


class JwtOutput(serializers.Serializer[Any]):
    token = serializers.CharField()


class AccountAvatar(serializers.Serializer[Any]):
    """URLs of pictures, always null: no picture service learns about our users."""

    tiny = serializers.CharField(allow_null=True)
    thumbnail = serializers.CharField(allow_null=True)
    medium = serializers.CharField(allow_null=True)


class OrgAvatar(serializers.Serializer[Any]):
    tiny = serializers.CharField(allow_null=True)
    thumbnail = serializers.CharField(allow_null=True)


class AccountOutput(serializers.ModelSerializer[Account]):
    avatar = serializers.SerializerMethodField()

    class Meta:
        model = Account
        fields: tuple[str, ...] = (
            "id",
            "email",
            "username",
            "created_at",
            "updated_at",
            "name",
            "tagline",
            "avatar",
            "slug",
            "is_staff",
        )
        read_only_fields = fields

    @extend_schema_field(AccountAvatar)
    def get_avatar(self, account: Account) -> dict[str, None]:
        return {"tiny": None, "thumbnail": None, "medium": None}


class SignedInOutput(AccountOutput):
    """For the documentation: an account with its new credentials."""

    token = serializers.CharField(read_only=True)
    jwt = serializers.CharField(read_only=True)

    class Meta(AccountOutput.Meta):
        fields = (*AccountOutput.Meta.fields, "token", "jwt")


class UserInfoOutput(AccountOutput):
    """For the documentation: an account with its JWT."""

    jwt = serializers.CharField(read_only=True)

    class Meta(AccountOutput.Meta):
        fields = (*AccountOutput.Meta.fields, "jwt")
