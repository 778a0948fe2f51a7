"""Serializers of variables. Field names are those of the original cloud."""

from typing import Any, ClassVar, Final, TypeAlias

from rest_framework import serializers

from server.api.vartype.serializers import InputUnitOutput, OutputUnitOutput
from server.apps.streams.models import StreamVariable
from server.apps.streams.models.variable import RawValueFormat
from server.apps.streams.selectors.catalogue import input_unit_by_slug, output_unit_by_slug, var_type_by_slug
from server.core.rest.numbers import FiniteField, factor_field
from server.core.rest.parsing import StrictInput
from server.core.rest.references import ReferenceField
from server.lib.named_values import KEY, TIME

Slug: TypeAlias = serializers.SlugRelatedField[Any]
_MOST_INT: Final = 2**31 - 1
_MOST_DECIMALS: Final = 15


class VariableOutput(serializers.ModelSerializer[StreamVariable]):
    input_unit = InputUnitOutput(read_only=True, allow_null=True)
    output_unit = OutputUnitOutput(read_only=True, allow_null=True)
    org = Slug(slug_field="slug", read_only=True)
    lid = serializers.IntegerField(read_only=True, help_text="The local variable id: 0x5001 is 20481.")

    class Meta:
        model = StreamVariable
        fields = (
            "id",
            "name",
            "lid",
            "var_type",
            "input_unit",
            "output_unit",
            "derived_variable",
            "project",
            "org",
            "about",
            "created_on",
            "raw_value_format",
            "units",
            "multiplication_factor",
            "division_factor",
            "offset",
            "decimal_places",
            "mdo_label",
            "web_only",
            "app_only",
            "slug",
            "sent_name",
        )
        read_only_fields = fields


class UnitField(ReferenceField):
    """A unit by its slug, or the unit's object from an answer, which contains the slug."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        slug = data.get("slug") if isinstance(data, dict) else data
        return super().run_validation(slug)


class VariableInput(StrictInput):
    ignored: ClassVar[frozenset[str]] = frozenset({"id", "org", "created_on", "slug", "derived_variable"})

    name = serializers.CharField(max_length=60)
    lid = serializers.IntegerField(
        min_value=0, max_value=0xFFFF, help_text="The local variable id: 0x5001 is 20481. Cannot be changed."
    )
    project = serializers.CharField(
        max_length=40, help_text="The UUID or slug of a project. Cannot be changed."
    )
    sent_name = serializers.CharField(
        max_length=60,
        allow_blank=True,
        required=False,
        help_text="The name under which devices send it to `in/`; empty: they do not.",
    )
    about = serializers.CharField(max_length=400, allow_blank=True, required=False)
    units = serializers.CharField(max_length=10, allow_blank=True, required=False)
    var_type = ReferenceField(
        var_type_by_slug, required=False, allow_null=True, help_text="Slug of a variable type."
    )
    input_unit = UnitField(
        input_unit_by_slug,
        required=False,
        allow_null=True,
        help_text="Slug of the unit that raw values come in.",
    )
    output_unit = UnitField(
        output_unit_by_slug,
        required=False,
        allow_null=True,
        help_text="Slug of the unit that values are shown in.",
    )
    raw_value_format = serializers.ChoiceField(RawValueFormat.choices, required=False)
    multiplication_factor = factor_field(_MOST_INT)
    division_factor = factor_field(_MOST_INT)
    offset = FiniteField(required=False)
    decimal_places = serializers.IntegerField(min_value=0, max_value=_MOST_DECIMALS, required=False)
    mdo_label = serializers.CharField(max_length=20, allow_blank=True, required=False)
    app_only = serializers.BooleanField(required=False)
    web_only = serializers.BooleanField(required=False)

    def validate_sent_name(self, name: str) -> str:
        if name in {KEY, TIME}:
            raise serializers.ValidationError(f"{name} is a field of its own, and no name.")
        return name
