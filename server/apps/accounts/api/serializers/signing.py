"""What accounts and organisations look like on the wire. Field names are those of the original cloud."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from server.apps.accounts.models import Account, Org


class PasswordField(serializers.CharField):
    """As typed: a blank at its end is part of it."""

    def __init__(self) -> None:
        super().__init__(max_length=1024, trim_whitespace=False, write_only=True)


class LoginInput(serializers.Serializer[Any]):
    email = serializers.CharField(max_length=254)
    password = PasswordField()


class JwtAuthInput(serializers.Serializer[Any]):
    username = serializers.CharField(help_text="The e-mail address, or the user name.", max_length=254)
    password = PasswordField()


class JwtInput(serializers.Serializer[Any]):
    token = serializers.CharField(max_length=4096)


class JwtOutput(serializers.Serializer[Any]):
    token = serializers.CharField()


class AccountAvatar(serializers.Serializer[Any]):
    """Addresses of pictures. There are none: we ask no picture service about our users."""

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
    """For the documentation: an account with what it signs in with from now on."""

    token = serializers.CharField(read_only=True)
    jwt = serializers.CharField(read_only=True)

    class Meta(AccountOutput.Meta):
        fields = (*AccountOutput.Meta.fields, "token", "jwt")


class UserInfoOutput(AccountOutput):
    """For the documentation: an account with its JWT."""

    jwt = serializers.CharField(read_only=True)

    class Meta(AccountOutput.Meta):
        fields = (*AccountOutput.Meta.fields, "jwt")


class OrgOutput(serializers.ModelSerializer[Org]):
    ot = serializers.SerializerMethodField(help_text="The organisation's template; there are none yet.")
    created_by = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    avatar = serializers.SerializerMethodField()
    domain_names = serializers.SerializerMethodField()

    class Meta:
        model = Org
        fields = (
            "id",
            "name",
            "slug",
            "ot",
            "about",
            "created_on",
            "created_by",
            "avatar",
            "domain_names",
        )
        read_only_fields = fields

    def get_ot(self, org: Org) -> str | None:
        return None

    @extend_schema_field(OrgAvatar)
    def get_avatar(self, org: Org) -> dict[str, None]:
        return {"tiny": None, "thumbnail": None}

    def get_domain_names(self, org: Org) -> list[str]:
        return []
