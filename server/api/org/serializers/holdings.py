"""Serializers of an organisation with its counts, and of searches in it. Field names are those of
the original cloud."""

from typing import Any, Final

from rest_framework import serializers

from server.api.datablock.serializers import BlockOutput
from server.api.device.serializers.devices import DeviceOutput
from server.api.ot.serializers import OrgTemplateOutput
from server.apps.accounts.models import Account, Org, OrgMembership
from server.apps.files.services import file_url
from server.core.rest.numbers import PageField

Slug = serializers.SlugRelatedField[Any]
_LAST_PAGE: Final = 1_000_000


class MemberDetails(serializers.Serializer[Account]):
    email = serializers.CharField()
    username = serializers.CharField()
    slug = serializers.CharField()
    name = serializers.CharField()
    tagline = serializers.CharField()
    avatar = serializers.SerializerMethodField(help_text="URLs of pictures, always null.")

    def get_avatar(self, account: Account) -> dict[str, str | None]:
        return {"tiny": None, "thumbnail": None, "medium": None}


class CurrentMember(serializers.ModelSerializer[OrgMembership]):
    user = Slug(slug_field="slug", read_only=True)
    user_details = MemberDetails(source="user", read_only=True)
    permissions = serializers.DictField(child=serializers.BooleanField(), read_only=True)
    role = serializers.CharField(read_only=True)
    role_name = serializers.CharField(read_only=True)

    class Meta:
        model = OrgMembership
        fields = (
            *("user", "user_details", "created_on", "is_active", "is_org_admin"),
            *("permissions", "role", "role_name"),
        )
        read_only_fields = fields


class OrgCounts(serializers.Serializer[Any]):
    projects = serializers.IntegerField()
    datablocks = serializers.IntegerField()
    members = serializers.IntegerField()
    devices = serializers.IntegerField()
    fleets = serializers.IntegerField()
    networks = serializers.IntegerField()
    reports = serializers.IntegerField()


class OrgExtraOutput(serializers.ModelSerializer[Org]):
    ot = OrgTemplateOutput(read_only=True, allow_null=True)
    created_by = Slug(slug_field="slug", read_only=True)
    avatar = serializers.SerializerMethodField()
    domain_names = serializers.SerializerMethodField()
    counts = OrgCounts(read_only=True)
    current_member = CurrentMember(read_only=True, allow_null=True)

    class Meta:
        model = Org
        fields = (
            *("id", "name", "slug", "ot", "about", "created_on", "created_by", "avatar", "domain_names"),
            *("counts", "current_member"),
        )
        read_only_fields = fields

    def get_avatar(self, org: Org) -> dict[str, str | None]:
        picture = org.avatar
        url = file_url(picture) if picture is not None and picture.uploaded_on is not None else None
        return {"tiny": url, "thumbnail": url}

    def get_domain_names(self, org: Org) -> list[str]:
        return [domain.name for domain in org.domains.all() if domain.verified]


class SearchInput(serializers.Serializer[Any]):
    """Any other parameter is the name of a property, with the value it must have."""

    q = serializers.CharField(
        required=False, default="", max_length=200, help_text="Words to search for, in any case."
    )
    page = PageField(required=False, default=1, most=_LAST_PAGE)


class PropertyInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=48)
    value = serializers.CharField(max_length=256, trim_whitespace=False)


class SearchOutput(serializers.Serializer[Any]):
    next_page = serializers.IntegerField(allow_null=True, help_text="The number of the page.")
    prev_page = serializers.IntegerField(allow_null=True)
    count = serializers.IntegerField()


class DevicesFound(SearchOutput):
    results = DeviceOutput(many=True)


class BlocksFound(SearchOutput):
    results = BlockOutput(many=True)
