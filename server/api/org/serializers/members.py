"""Serializers of the members of an organisation."""

from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from server.api.auth.serializers import AccountAvatar
from server.apps.accounts.models import Account, OrgMembership, Role
from server.apps.accounts.models.roles import GIVEN_ROLES
from server.apps.accounts.selectors.orgs import account_by_slug
from server.core.rest.parsing import StrictInput
from server.core.rest.references import ReferenceField

_OF_ANSWERS: Final = frozenset(
    {"user_details", "created_on", "is_active", "is_org_admin", "permissions", "role_name"}
)


def role_field() -> serializers.ChoiceField:
    return serializers.ChoiceField(choices=GIVEN_ROLES, default=Role.MEMBER)


class PersonOutput(serializers.ModelSerializer[Account]):
    avatar = serializers.SerializerMethodField()

    class Meta:
        model = Account
        fields = ("email", "username", "slug", "name", "tagline", "avatar")
        read_only_fields = fields

    @extend_schema_field(AccountAvatar)
    def get_avatar(self, account: Account) -> dict[str, None]:
        return {"tiny": None, "thumbnail": None, "medium": None}


class MembershipOutput(serializers.ModelSerializer[OrgMembership]):
    user = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    user_details = PersonOutput(source="user", read_only=True)
    permissions = serializers.DictField(
        child=serializers.BooleanField(), read_only=True, help_text="By name: can_read_stream_data and so on."
    )
    role = serializers.CharField(
        read_only=True, help_text="a0, a1, d1, m1, r1, or 00; s0 is staff of the installation."
    )
    role_name = serializers.CharField(read_only=True)

    class Meta:
        model = OrgMembership
        fields = (
            *("user", "user_details", "created_on", "is_active", "is_org_admin"),
            *("permissions", "role", "role_name"),
        )
        read_only_fields = fields


class MembersQuery(serializers.Serializer[Any]):
    all = serializers.BooleanField(required=False, default=False, help_text="Former members too.")


class RegisterInput(StrictInput):
    ignored = _OF_ANSWERS

    user = ReferenceField(account_by_slug, help_text="The account's slug.")
    role = role_field()


class RoleInput(StrictInput):
    ignored = _OF_ANSWERS | {"user"}

    role = serializers.ChoiceField(choices=Role.choices)
    revoke_keys = serializers.BooleanField(
        required=False, default=False, help_text="With 00: the API keys that the member made end too."
    )


class DepartureQuery(serializers.Serializer[Any]):
    revoke_keys = serializers.BooleanField(
        required=False, default=False, help_text="The API keys that the member made end too."
    )
