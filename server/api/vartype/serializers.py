"""Serializers of variable types. Field names are those of the original cloud."""

from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from server.apps.streams.models import (
    VarType,
    VarTypeDecoder,
    VarTypeInputUnit,
    VarTypeOutputUnit,
    VarTypeSchema,
)
from server.core.rest.documents import ArrayField, DocumentField
from server.core.rest.numbers import FiniteField, factor_field, integer_field
from server.core.rest.parsing import StrictInput
from server.lib.formats import LayoutError, PacketDecoder

_MOST_FACTOR: Final = 2**53
_UNIT_SLUG: Final = r"^(in|out)--[a-z0-9_-]+--[a-z0-9_-]+\Z"
_UNIT: Final = ("slug", "unit_full", "unit_short", "m", "d", "o")


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
    decimal_places = integer_field(0, 15)
    derived_units = DocumentField(
        required=False, help_text='`{"rate": {"gpm": {"m": 1, "d": 10}}}`: units of the rate of change.'
    )


class DecoderInput(StrictInput):
    ignored = frozenset({"id"})

    raw_packet_format = serializers.RegexField(
        r"^<[bBhHlLqQ]+\Z", max_length=32, help_text="As Python's `struct` has it: `<LLLL`."
    )
    packet_info = DocumentField(help_text="`decoding`: bit layouts; `transform`: map or mdo by key.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Requires both fields even in a PATCH: a decoder is replaced as a whole."""
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
