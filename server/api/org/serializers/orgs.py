"""Serializers of organisations. Field names are those of the original cloud."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from server.api.auth.serializers import OrgAvatar
from server.apps.accounts.models import Org
from server.apps.accounts.models.roles import GIVEN_ROLES
from server.apps.accounts.selectors.orgs import org_template_by_slug
from server.apps.files.services import file_url
from server.core.rest.parsing import StrictInput
from server.core.rest.references import ReferenceField


class OrgOutput(serializers.ModelSerializer[Org]):
    ot = serializers.SlugRelatedField[Any](
        slug_field="slug", read_only=True, allow_null=True, help_text="The organisation's template."
    )
    created_by = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    avatar = serializers.SerializerMethodField()
    domain_names = serializers.SerializerMethodField(
        help_text="People who confirm an address of one of these domains become members."
    )

    class Meta:
        model = Org
        fields: tuple[str, ...] = (
            *("id", "name", "slug", "ot", "about", "created_on", "created_by", "avatar", "domain_names"),
        )
        read_only_fields = fields

    @extend_schema_field(OrgAvatar)
    def get_avatar(self, org: Org) -> dict[str, str | None]:
        picture = org.avatar
        url = file_url(picture) if picture is not None and picture.uploaded_on is not None else None
        return {"tiny": url, "thumbnail": url}

    def get_domain_names(self, org: Org) -> list[str]:
        return [domain.name for domain in org.domains.all() if domain.verified]


class OrgInput(StrictInput):
    ignored = frozenset(OrgOutput.Meta.fields) | {"counts", "current_member"}

    name = serializers.CharField(max_length=50)
    about = serializers.CharField(max_length=400, required=False, allow_blank=True)
    ot = ReferenceField(
        org_template_by_slug, required=False, allow_null=True, help_text="The slug of a template."
    )


class MessageInput(StrictInput):
    roles = serializers.ListField(
        child=serializers.ChoiceField(choices=GIVEN_ROLES),
        required=False,
        default=list,
        max_length=len(GIVEN_ROLES),
        help_text="None: every member.",
    )
    subject = serializers.CharField(max_length=100)
    message = serializers.CharField(max_length=10_000)


class MessageScheduled(serializers.Serializer[Any]):
    message = serializers.CharField(help_text="scheduled")
    pid = serializers.UUIDField()
