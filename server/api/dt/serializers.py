"""Serializers of components, device templates and project templates. Field names are those of the
original cloud."""

from typing import Any, Final, TypeAlias

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from server.apps.accounts.selectors.accounts import org_by_slug
from server.apps.devices.models import Component, DeviceSlot, DeviceTemplate, ProjectTemplate
from server.apps.devices.selectors.catalogue import component_by_slug
from server.core.rest.documents import DocumentField
from server.core.rest.moments import StoredMomentField
from server.core.rest.parsing import StrictInput
from server.core.rest.references import ReferenceField

Slug: TypeAlias = serializers.SlugRelatedField[Any]

_OF_ANSWERS: Final = frozenset({"id", "slug", "version", "created_on"})
_MOST: Final = 32767


def version_field(help_text: str = "") -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=_MOST, required=False, help_text=help_text)


def tag_field(help_text: str) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False, help_text=help_text)


def org_field() -> ReferenceField:
    return ReferenceField(
        org_by_slug,
        required=False,
        allow_null=True,
        help_text="Slug of the organisation that owns it; null: built in, for everybody. Cannot be changed.",
    )


class VersionedInput(StrictInput):
    """Name and version make the slug, and cannot be changed: a new version is a new object."""

    major_version = version_field("0 unless given. Cannot be changed.")
    minor_version = version_field("0 unless given. Cannot be changed.")
    patch_version = version_field("0 unless given. Cannot be changed.")
    org = org_field()


class VersionedOutput(serializers.ModelSerializer[Any]):
    version = serializers.SerializerMethodField(help_text="`v1.2.3`")

    def get_version(self, row: Any) -> str:
        return f"v{row.major_version}.{row.minor_version}.{row.patch_version}"


class ComponentInput(VersionedInput):
    ignored = _OF_ANSWERS

    external_sku = serializers.CharField(max_length=40, help_text="Its name. Cannot be changed.")
    internal_sku = serializers.CharField(max_length=40, required=False, allow_blank=True)
    type = serializers.ChoiceField(Component.Kind.choices, required=False)
    hw_tag = serializers.CharField(max_length=20, required=False, allow_blank=True)
    hw_name = serializers.CharField(max_length=60, required=False, allow_blank=True)
    description = serializers.CharField(max_length=10_000, required=False, allow_blank=True)


class ComponentOutput(VersionedOutput):
    version = serializers.SerializerMethodField(help_text="`1.2.3`")

    class Meta:
        model = Component
        fields = (
            "id",
            "external_sku",
            "internal_sku",
            "slug",
            "type",
            "hw_tag",
            "hw_name",
            "version",
            "description",
            "created_on",
        )
        read_only_fields = fields

    def get_version(self, row: Component) -> str:
        """Without the `v` of the others, as in the original cloud."""
        return super().get_version(row).removeprefix("v")


class SlotInput(StrictInput):
    ignored = frozenset({"hw_tag"})

    number = serializers.IntegerField(min_value=0, max_value=_MOST, help_text="0 is the controller's slot.")
    component = ReferenceField(component_by_slug, help_text="Slug of a component.")


class SlotOutput(serializers.ModelSerializer[DeviceSlot]):
    component = Slug(slug_field="slug", read_only=True)
    hw_tag = serializers.CharField(source="component.hw_tag", read_only=True, allow_blank=True)

    class Meta:
        model = DeviceSlot
        fields = ("number", "component", "hw_tag")
        read_only_fields = fields


@extend_schema_field({"type": "integer", "minimum": 0})
class HardwareTagField(serializers.CharField):
    """A number, as existing clients read it; the column holds text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=10, allow_blank=True, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if text and not (text.isascii() and text.isdecimal()):
            raise serializers.ValidationError("A whole number is needed.")
        return text


class DeviceTemplateInput(VersionedInput):
    ignored = _OF_ANSWERS | {"os_version", "hw_version", "slots"}

    external_sku = serializers.CharField(max_length=40, help_text="Its name. Cannot be changed.")
    internal_sku = serializers.CharField(max_length=40, required=False, allow_blank=True)
    family = serializers.CharField(max_length=40, required=False, allow_blank=True)
    os_tag = tag_field("Which operating system its controller runs; 0: none.")
    os_major_version = version_field()
    os_minor_version = version_field()
    hw_tag = HardwareTagField(required=False)
    hw_major_version = version_field()
    description = serializers.CharField(max_length=10_000, required=False, allow_blank=True)
    released_on = StoredMomentField(required=False, allow_null=True)


class DeviceTemplateOutput(VersionedOutput):
    org = Slug(slug_field="slug", read_only=True, allow_null=True)
    os_version = serializers.SerializerMethodField(help_text="`v1.2`")
    hw_tag = serializers.SerializerMethodField(help_text="A number; 0: none.")
    hw_version = serializers.SerializerMethodField(help_text="`v1`")
    slots = SlotOutput(many=True, read_only=True)

    class Meta:
        model = DeviceTemplate
        fields = (
            "id",
            "external_sku",
            "internal_sku",
            "family",
            "slug",
            "org",
            "version",
            "os_tag",
            "os_version",
            "hw_tag",
            "hw_version",
            "slots",
            "created_on",
            "released_on",
        )
        read_only_fields = fields

    def get_os_version(self, template: DeviceTemplate) -> str:
        return f"v{template.os_major_version}.{template.os_minor_version}"

    def get_hw_version(self, template: DeviceTemplate) -> str:
        return f"v{template.hw_major_version}"

    @extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string"}]})
    def get_hw_tag(self, template: DeviceTemplate) -> int | str:
        """Text that is no number was stored by earlier versions."""
        tag = template.hw_tag or "0"
        return int(tag) if tag.isascii() and tag.isdecimal() else tag


class ProjectTemplateInput(VersionedInput):
    ignored = _OF_ANSWERS

    name = serializers.CharField(max_length=60, help_text="Cannot be changed.")
    extra_data = DocumentField(required=False, help_text="Which pages and words its projects see.")


class ProjectTemplateOutput(VersionedOutput):
    org = Slug(slug_field="slug", read_only=True, allow_null=True)

    class Meta:
        model = ProjectTemplate
        fields = ("id", "name", "slug", "org", "version", "extra_data", "created_on")
        read_only_fields = fields
