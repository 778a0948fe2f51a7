"""Serializers of configuration. Field names are those of the original cloud; secrets are shown as
stars."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from server.apps.devices.models import ConfigAttribute, ConfigName
from server.apps.devices.selectors.metadata import config_name
from server.core.rest.documents import check_document
from server.core.rest.parsing import StrictInput
from server.core.rest.references import ReferenceField
from server.core.sealed_documents import mask_secrets

_TARGET_HELP = "`^organisation`, `@account`, or the full slug of a project, device or data block."


@extend_schema_field({})
class AnyDocumentField(serializers.JSONField):
    """Any JSON except null, with the limits of documents."""

    def to_internal_value(self, data: Any) -> Any:
        check_document(data)
        return super().to_internal_value(data)


class TagsField(serializers.ListField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=serializers.CharField(max_length=64), max_length=100, **kwargs)


class NameOutput(serializers.ModelSerializer[ConfigName]):
    tags = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = ConfigName
        fields = ("id", "name", "description", "tags")
        read_only_fields = fields


class NameInput(StrictInput):
    ignored: ClassVar[frozenset[str]] = frozenset({"id"})

    name = serializers.RegexField(
        r"^:\S+\Z", max_length=64, help_text="Begins with a colon and has no blanks: `:report:config`."
    )
    description = serializers.CharField(max_length=2000, allow_blank=True, required=False)
    tags = TagsField(required=False)


class TargetQuery(serializers.Serializer[Any]):
    target = serializers.CharField(max_length=64, help_text=_TARGET_HELP)


class AttributeQuery(TargetQuery):
    name_q = serializers.CharField(max_length=64, default="", help_text="Part of the name, in any case.")


class SearchQuery(TargetQuery):
    name = serializers.CharField(max_length=64, help_text="A configuration name.")


class AttributeOutput(serializers.ModelSerializer[ConfigAttribute]):
    name = serializers.CharField(source="name.name", read_only=True)
    data = serializers.SerializerMethodField(  # type: ignore[assignment]  # the clients' name, and DRF's too
        help_text="Keys, secrets, tokens and passwords in it are shown as stars."
    )

    class Meta:
        model = ConfigAttribute
        fields = ("id", "target", "name", "data", "updated_on")
        read_only_fields = fields

    @extend_schema_field({})
    def get_data(self, attribute: ConfigAttribute) -> Any:
        return mask_secrets(attribute.data)


class AttributeInput(StrictInput):
    ignored: ClassVar[frozenset[str]] = frozenset({"id", "updated_on"})

    target = serializers.CharField(max_length=64, help_text=_TARGET_HELP)
    name = ReferenceField(config_name, help_text="A configuration name.")
    data = AnyDocumentField(  # type: ignore[assignment]  # the clients' name, and DRF's too
        help_text="Stars (`********`) for a secret keep the stored one."
    )
    log_as_note = serializers.BooleanField(
        default=False, help_text="For a device: also write a note that it changed."
    )
