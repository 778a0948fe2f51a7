"""Serializers of sensor graphs. Field names are those of the original cloud."""

from typing import Any, Final, TypeAlias

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from server.apps.accounts.selectors.accounts import org_by_slug
from server.apps.devices.models import PropertyTemplate, SensorGraph
from server.apps.devices.selectors.catalogue import project_template_by_slug, sensor_graph_by_slug
from server.apps.streams.models import (
    DisplayWidgetTemplate,
    VariableTemplate,
)
from server.apps.streams.models.variable import RawValueFormat
from server.apps.streams.selectors.catalogue import input_unit_by_slug, output_unit_by_slug, var_type_by_slug
from server.core.rest.documents import DocumentField
from server.core.rest.numbers import FiniteField, factor_field, integer_field
from server.core.rest.parsing import StrictInput
from server.core.rest.references import ReferenceField

Slug: TypeAlias = serializers.SlugRelatedField[Any]

_MOST_SMALL: Final = 32767
_MOST_INT: Final = 2**31 - 1
_CTYPES: Final = {str(label): str(value) for value, label in RawValueFormat.choices}
"""`unsigned int` on the wire is `<L` in the table."""


class LidField(serializers.RegexField):
    """A local variable id: four hex digits in JSON, a number as value."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"^[0-9a-fA-F]{1,4}\Z", **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        text = super().run_validation(data)
        return (int(text, 16) if text else None) if isinstance(text, str) else text


def version_field(help_text: str = "") -> serializers.IntegerField:
    return integer_field(0, _MOST_SMALL, help_text=help_text)


def graph_field() -> ReferenceField:
    return ReferenceField(
        sensor_graph_by_slug, help_text="Slug of the sensor graph it is in. Cannot be changed."
    )


class VariableTemplateInput(StrictInput):
    ignored = frozenset({"id"})

    label = serializers.CharField(max_length=60)  # type: ignore[assignment]  # a field named as an attribute of fields
    sg = graph_field()
    lid_hex = LidField(source="lid", help_text="The local variable id: `5001`.")
    derived_lid_hex = LidField(source="derived_lid", required=False, allow_blank=True, allow_null=True)
    var_type = ReferenceField(var_type_by_slug, help_text="Slug of a variable type.")
    default_input_unit = ReferenceField(input_unit_by_slug, required=False, allow_null=True)
    default_output_unit = ReferenceField(output_unit_by_slug, required=False, allow_null=True)
    ctype = serializers.ChoiceField([*_CTYPES], required=False)
    m = factor_field(_MOST_INT)
    d = factor_field(_MOST_INT)
    o = FiniteField(required=False)
    app_only = serializers.BooleanField(required=False)
    web_only = serializers.BooleanField(required=False)

    def validate_ctype(self, label: str) -> str:
        return _CTYPES[label]


class VariableTemplateOutput(serializers.ModelSerializer[VariableTemplate]):
    sg = serializers.CharField(source="sg.slug", read_only=True)
    lid_hex = serializers.CharField(read_only=True, help_text="The local variable id: `5001`.")
    derived_lid_hex = serializers.SerializerMethodField(help_text="Empty: none.")
    var_type = serializers.CharField(source="var_type_id", read_only=True)
    default_input_unit = serializers.CharField(
        source="default_input_unit_id", read_only=True, allow_null=True
    )
    default_output_unit = serializers.CharField(
        source="default_output_unit_id", read_only=True, allow_null=True
    )
    ctype = serializers.SerializerMethodField(help_text="How the 32 bits of a raw word are read.")

    class Meta:
        model = VariableTemplate
        fields = (
            "id",
            "label",
            "sg",
            "lid_hex",
            "derived_lid_hex",
            "var_type",
            "default_input_unit",
            "default_output_unit",
            "ctype",
            "m",
            "d",
            "o",
            "app_only",
            "web_only",
        )
        read_only_fields = fields

    def get_derived_lid_hex(self, template: VariableTemplate) -> str:
        return "" if template.derived_lid is None else f"{template.derived_lid:04x}"

    @extend_schema_field(serializers.ChoiceField([*_CTYPES]))
    def get_ctype(self, template: VariableTemplate) -> str:
        return str(template.get_ctype_display())


class WidgetInput(StrictInput):
    ignored = frozenset({"id"})

    label = serializers.CharField(max_length=60)  # type: ignore[assignment]  # a field named as an attribute of fields
    sg = graph_field()
    lid_hex = LidField(source="lid", help_text="The local variable id: `5001`.")
    type = serializers.ChoiceField(DisplayWidgetTemplate.Type.choices, required=False)
    args = DocumentField(required=False, allow_null=True, help_text="What a button or switch sends.")
    var_type = ReferenceField(var_type_by_slug, required=False, allow_null=True)
    derived_unit_type = serializers.CharField(max_length=40, required=False, allow_blank=True)
    show_in_app = serializers.BooleanField(required=False)
    show_in_web = serializers.BooleanField(required=False)

    def validate_args(self, args: dict[str, Any] | None) -> dict[str, Any]:
        return args or {}


class WidgetOutput(serializers.ModelSerializer[DisplayWidgetTemplate]):
    sg = serializers.CharField(source="sg.slug", read_only=True)
    lid_hex = serializers.SerializerMethodField(help_text="The local variable id: `5001`.")
    args = serializers.SerializerMethodField(help_text="What a button or switch sends; null: nothing.")
    var_type = serializers.CharField(source="var_type_id", read_only=True, allow_null=True)

    class Meta:
        model = DisplayWidgetTemplate
        fields = (
            "id",
            "label",
            "sg",
            "lid_hex",
            "type",
            "args",
            "var_type",
            "derived_unit_type",
            "show_in_app",
            "show_in_web",
        )
        read_only_fields = fields

    def get_lid_hex(self, widget: DisplayWidgetTemplate) -> str:
        return f"{widget.lid:04x}"

    def get_args(self, widget: DisplayWidgetTemplate) -> dict[str, Any] | None:
        return widget.args or None


class SensorGraphInput(StrictInput):
    ignored = frozenset(
        {
            *("id", "slug", "version", "app_version", "created_on"),
            *("variable_templates", "display_widget_templates"),
        }
    )

    name = serializers.CharField(max_length=60, help_text="Cannot be changed.")
    major_version = version_field("0 unless given. Cannot be changed.")
    minor_version = version_field("0 unless given. Cannot be changed.")
    patch_version = version_field("0 unless given. Cannot be changed.")
    org = ReferenceField(
        org_by_slug,
        required=False,
        allow_null=True,
        help_text="Slug of the organisation that owns it; null: built in, for everybody. Cannot be changed.",
    )
    project_template = ReferenceField(project_template_by_slug, required=False, allow_null=True)
    report_processing_engine_ver = integer_field(0, 2)
    app_tag = integer_field(0, _MOST_INT, help_text="Which application its devices run; 0: none.")
    app_major_version = version_field()
    app_minor_version = version_field()
    ui_extra = DocumentField(required=False, allow_null=True)
    description = serializers.CharField(max_length=10_000, required=False, allow_blank=True)

    def validate_ui_extra(self, extra: dict[str, Any] | None) -> dict[str, Any]:
        return extra or {}


class SensorGraphOutput(serializers.ModelSerializer[SensorGraph]):
    org = Slug(slug_field="slug", read_only=True, allow_null=True)
    project_template = Slug(slug_field="slug", read_only=True, allow_null=True)
    variable_templates = VariableTemplateOutput(many=True, read_only=True)
    display_widget_templates = WidgetOutput(many=True, read_only=True)
    ui_extra = serializers.SerializerMethodField(help_text="Settings of the apps; null: their own.")
    version = serializers.SerializerMethodField(help_text="`v1.2.3`")
    app_version = serializers.SerializerMethodField(help_text="`v1.2`")

    class Meta:
        model = SensorGraph
        fields = (
            "id",
            "name",
            "slug",
            "org",
            "project_template",
            "variable_templates",
            "display_widget_templates",
            "ui_extra",
            "report_processing_engine_ver",
            "version",
            "major_version",
            "minor_version",
            "patch_version",
            "app_tag",
            "app_major_version",
            "app_minor_version",
            "app_version",
            "created_on",
        )
        read_only_fields = fields

    def get_ui_extra(self, graph: SensorGraph) -> dict[str, Any] | None:
        """Null instead of {}: the phone app uses its own settings for null, but not for an empty
        object."""
        return graph.ui_extra or None

    def get_version(self, graph: SensorGraph) -> str:
        return f"v{graph.major_version}.{graph.minor_version}.{graph.patch_version}"

    def get_app_version(self, graph: SensorGraph) -> str:
        return f"v{graph.app_major_version}.{graph.app_minor_version}"


class OrgPropertyQuery(serializers.Serializer[Any]):
    org = serializers.CharField(required=False, max_length=100, help_text="Of this organisation, by slug.")


class OrgPropertyInput(StrictInput):
    ignored = frozenset({"org", "type", "default", "enums", "extra"})

    id = integer_field(1, _MOST_INT, help_text="Id of a property template.")
    name = serializers.CharField(
        max_length=48,
        required=False,
        help_text="Name of a property template of the organisation `?org=`, in place of `id`.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.keys() & {"id", "name"}:
            raise serializers.ValidationError({"id": ["This field is required."]})
        return attrs


class OrgPropertyOutput(serializers.ModelSerializer[PropertyTemplate]):
    org = Slug(slug_field="slug", read_only=True)
    enums = serializers.SerializerMethodField(help_text="The values it may have; empty: any.")

    class Meta:
        model = PropertyTemplate
        fields = ("id", "name", "org", "type", "default", "enums", "extra")
        read_only_fields = fields

    def get_enums(self, template: PropertyTemplate) -> list[str]:
        return [enum.value for enum in template.enums.all()]
