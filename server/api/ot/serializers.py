"""Serializers of organisation templates."""

from typing import Final

from rest_framework import serializers

from server.apps.accounts.models import OrgTemplate
from server.core.rest.documents import DocumentField
from server.core.rest.parsing import StrictInput

_MOST: Final = 32767


class OrgTemplateOutput(serializers.ModelSerializer[OrgTemplate]):
    version = serializers.SerializerMethodField(help_text="`v1.2.3`")
    extra_data = serializers.DictField(read_only=True)

    class Meta:
        model = OrgTemplate
        fields: tuple[str, ...] = ("id", "name", "slug", "version", "extra_data", "created_on")
        read_only_fields = fields

    def get_version(self, template: OrgTemplate) -> str:
        return f"v{template.major_version}.{template.minor_version}.{template.patch_version}"


class OrgTemplateInput(StrictInput):
    """Name and version make the slug, and cannot be changed: a new version is a new template."""

    ignored = frozenset({"id", "slug", "version", "created_on"})

    name = serializers.CharField(max_length=60)
    major_version = serializers.IntegerField(min_value=0, max_value=_MOST, default=0)
    minor_version = serializers.IntegerField(min_value=0, max_value=_MOST, default=0)
    patch_version = serializers.IntegerField(min_value=0, max_value=_MOST, default=0)
    extra_data = DocumentField(required=False, default=dict, help_text="Which pages and words it sees.")
