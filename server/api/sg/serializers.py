"""What sensor graphs and variable types look like on the wire. Field names are those of the original cloud."""

from typing import Any, Final, TypeAlias

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from server.apps.accounts.selectors import org_by_slug
from server.apps.devices.models import PropertyTemplate, SensorGraph
from server.apps.devices.selectors import project_template_by_slug, sensor_graph_by_slug
from server.apps.streams.models import (
    DisplayWidgetTemplate,
    VariableTemplate,
    VarType,
    VarTypeDecoder,
    VarTypeInputUnit,
    VarTypeOutputUnit,
    VarTypeSchema,
)
from server.apps.streams.models.variable import RawValueFormat
from server.apps.streams.selectors import input_unit_by_slug, output_unit_by_slug, var_type_by_slug
from server.core.rest.documents import ArrayField, DocumentField
from server.core.rest.numbers import FiniteField
from server.core.rest.parsing import StrictInput
from server.core.rest.references import ReferenceField
from server.lib.formats import LayoutError, PacketDecoder

Slug: TypeAlias = serializers.SlugRelatedField[Any]

_MOST_SMALL: Final = 32767
_MOST_INT: Final = 2**31 - 1
_MOST_FACTOR: Final = 2**53
_UNIT_SLUG: Final = r"^(in|out)--[a-z0-9_-]+--[a-z0-9_-]+\Z"
_CTYPES: Final = {str(label): str(value) for value, label in RawValueFormat.choices}
"""`unsigned int` on the wire is `<L` in the table."""


class LidField(serializers.RegexField):
    """Four hex digits on the wire, a number inside."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"^[0-9a-fA-F]{1,4}\Z", **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        text = super().run_validation(data)
        return (int(text, 16) if text else None) if isinstance(text, str) else text


def whole(least: int, most: int, **kwargs: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=least, max_value=most, required=False, **kwargs)


def version_field(help_text: str = "") -> serializers.IntegerField:
    return whole(0, _MOST_SMALL, help_text=help_text)


def not_zero(value: int) -> None:
    if value == 0:
        raise serializers.ValidationError("0 is not a factor.")


def factor_field(most: int) -> serializers.IntegerField:
    return whole(-most, most, validators=[not_zero])


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
        help_text="Slug of the organisation it belongs to; null: built in, for everybody. Cannot be changed.",
    )
    project_template = ReferenceField(project_template_by_slug, required=False, allow_null=True)
    report_processing_engine_ver = whole(0, 2)
    app_tag = whole(0, _MOST_INT, help_text="Which application its devices run; 0: none.")
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
    version = serializers.SerializerMethodField(help_text="`1.2.3`")
    app_version = serializers.SerializerMethodField(help_text="`1.2`")

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
        """The phone app has settings of its own for nothing, but not for an empty object."""
        return graph.ui_extra or None

    def get_version(self, graph: SensorGraph) -> str:
        return f"{graph.major_version}.{graph.minor_version}.{graph.patch_version}"

    def get_app_version(self, graph: SensorGraph) -> str:
        return f"{graph.app_major_version}.{graph.app_minor_version}"


class OrgPropertyQuery(serializers.Serializer[Any]):
    org = serializers.CharField(required=False, max_length=100, help_text="Of this organisation, by slug.")


class OrgPropertyInput(StrictInput):
    name = serializers.CharField(max_length=48, help_text="Name of a property template of the organisation.")


class OrgPropertyOutput(serializers.ModelSerializer[PropertyTemplate]):
    org = Slug(slug_field="slug", read_only=True)
    enums = serializers.SerializerMethodField(help_text="The values it may have; empty: any.")

    class Meta:
        model = PropertyTemplate
        fields = ("id", "name", "org", "type", "default", "enums", "extra")
        read_only_fields = fields

    def get_enums(self, template: PropertyTemplate) -> list[str]:
        return [enum.value for enum in template.enums.all()]


class UnitInput(StrictInput):
    slug = serializers.RegexField(
        _UNIT_SLUG, max_length=80, required=False, help_text="Made of `unit_full` for a new one."
    )
    unit_full = serializers.CharField(max_length=20)
    unit_short = serializers.CharField(max_length=10, required=False, allow_blank=True)
    m = factor_field(_MOST_FACTOR)
    d = factor_field(_MOST_FACTOR)
    o = FiniteField(required=False)


class OutputUnitInput(UnitInput):
    decimal_places = whole(0, 15)
    derived_units = DocumentField(
        required=False, help_text='`{"rate": {"gpm": {"m": 1, "d": 10}}}`: what a change by time is called.'
    )


class DecoderInput(StrictInput):
    ignored = frozenset({"id"})

    raw_packet_format = serializers.RegexField(
        r"^<[bBhHlLqQ]+\Z", max_length=32, help_text="As Python's `struct` has it: `<LLLL`."
    )
    packet_info = DocumentField(help_text="`decoding`: bit layouts; `transform`: map or mdo by key.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Both are always needed, in a PATCH too: a decoder is replaced as a whole."""
        needed = ("raw_packet_format", "packet_info")
        missing = {name: ["This field is required."] for name in needed if name not in attrs}
        if missing:
            raise serializers.ValidationError(missing)
        try:
            PacketDecoder.parse(attrs["raw_packet_format"], attrs["packet_info"])
        except LayoutError as error:
            raise serializers.ValidationError({error.field: str(error)}) from error
        return attrs


class DecoderOutput(serializers.ModelSerializer[VarTypeDecoder]):
    class Meta:
        model = VarTypeDecoder
        fields = ("id", "raw_packet_format", "packet_info")
        read_only_fields = fields


class SchemaInput(StrictInput):
    ignored = frozenset({"id"})

    keys = DocumentField(help_text="By key: type, label, units, decimal, output_units.")
    display_order = ArrayField(required=False, help_text="Keys in the order in which pages show them.")


class SchemaOutput(serializers.ModelSerializer[VarTypeSchema]):
    class Meta:
        model = VarTypeSchema
        fields = ("id", "keys", "display_order")
        read_only_fields = fields


class VarTypeInput(StrictInput):
    ignored = frozenset({"slug"})

    name = serializers.CharField(max_length=40, help_text="Makes the slug. Cannot be changed.")
    stream_data_type = serializers.ChoiceField(VarType.DataType.choices, required=False)
    storage_units_full = serializers.CharField(max_length=20, required=False, allow_blank=True)
    storage_units_short = serializers.CharField(max_length=10, required=False, allow_blank=True)
    available_input_units = UnitInput(many=True, required=False)
    available_output_units = OutputUnitInput(many=True, required=False)
    decoder = DecoderInput(required=False, allow_null=True)
    schema = SchemaInput(required=False, allow_null=True)


_UNIT: Final = ("slug", "unit_full", "unit_short", "m", "d", "o")


class InputUnitOutput(serializers.ModelSerializer[VarTypeInputUnit]):
    class Meta:
        model = VarTypeInputUnit
        fields = _UNIT
        read_only_fields = fields


class OutputUnitOutput(serializers.ModelSerializer[VarTypeOutputUnit]):
    class Meta:
        model = VarTypeOutputUnit
        fields = (*_UNIT, "decimal_places", "derived_units")
        read_only_fields = fields


class VarTypeOutput(serializers.ModelSerializer[VarType]):
    available_input_units = InputUnitOutput(many=True, read_only=True)
    available_output_units = OutputUnitOutput(many=True, read_only=True)
    decoder = serializers.SerializerMethodField()
    schema = serializers.SerializerMethodField()

    class Meta:
        model = VarType
        fields = (
            "name",
            "slug",
            "available_input_units",
            "available_output_units",
            "stream_data_type",
            "decoder",
            "schema",
            "storage_units_full",
            "storage_units_short",
        )
        read_only_fields = fields

    @extend_schema_field(DecoderOutput(allow_null=True))
    def get_decoder(self, var_type: VarType) -> Any:
        decoder = getattr(var_type, "decoder", None)
        return None if decoder is None else DecoderOutput(decoder).data

    @extend_schema_field(SchemaOutput(allow_null=True))
    def get_schema(self, var_type: VarType) -> Any:
        schema = getattr(var_type, "schema", None)
        return None if schema is None else SchemaOutput(schema).data
