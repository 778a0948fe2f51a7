"""Serializers of properties and their templates. Field names are those of the original cloud."""

from functools import partial
from typing import Any, ClassVar, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from server.apps.devices.models import Property, PropertyEnum, PropertyTemplate, PropertyType
from server.core.rest.documents import DocumentField
from server.core.rest.parsing import StrictInput

_MOST: Final = 2**63 - 1
_ONE_VALUE: Final = "Exactly one of int_value, str_value and bool_value is needed."
_VALUE: Final = {"oneOf": [{"type": "integer"}, {"type": "string"}, {"type": "boolean"}]}

Slug = serializers.SlugRelatedField[Any]


@extend_schema_field(_VALUE)
class ValueField(serializers.ReadOnlyField):
    """An integer, a string or a boolean, depending on the property's type."""


_INT: Final = partial(serializers.IntegerField, min_value=-_MOST, max_value=_MOST)
_STR: Final = partial(serializers.CharField, max_length=256, allow_blank=True)


class PropertyOutput(serializers.ModelSerializer[Property]):
    value = ValueField()

    class Meta:
        model = Property
        fields = ("id", "name", "value", "type", "is_system", "target")
        read_only_fields = fields


class OwnPropertyOutput(serializers.ModelSerializer[Property]):
    """Without the target, which is in the path."""

    value = ValueField()

    class Meta:
        model = Property
        fields = ("id", "name", "value", "type", "is_system")
        read_only_fields = fields


class WrittenPropertyOutput(serializers.ModelSerializer[Property]):
    """The answer to a write."""

    value = ValueField()

    class Meta:
        model = Property
        fields = ("target", "name", "is_system", "value")
        read_only_fields = fields


class PropertyQuery(serializers.Serializer[Any]):
    target = serializers.CharField(
        max_length=64, required=False, help_text="Full slug of a project, device or data block. Required."
    )


class ValueInput(StrictInput):
    """The value under the name of its type."""

    of_the_system: ClassVar[bool] = False
    """Whether the body may be of a property of the system; the service refuses to change it."""
    ignored: ClassVar[frozenset[str]] = frozenset({"id", "value", "type", "target"})

    name = serializers.CharField(max_length=40)
    is_system = serializers.BooleanField(
        required=False, help_text="As it was read: properties of the system are the system's to make."
    )
    int_value = _INT(required=False, allow_null=True)
    str_value = _STR(required=False, allow_null=True)
    bool_value = serializers.BooleanField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Returns the given value as `value`."""
        if not self.of_the_system and attrs.pop("is_system", False):
            raise serializers.ValidationError({"is_system": ["Only the system makes its properties."]})
        read_before = attrs.pop("value", None)
        given = [attrs.pop(f"{kind}_value", None) for kind in PropertyType.values]
        values = [value for value in given if value is not None]
        if not values and read_before is not None:
            values = [read_before]
        if len(values) > 1 or (not values and not self.partial):
            raise serializers.ValidationError(_ONE_VALUE)
        return {**attrs, "value": values[0]} if values else attrs


class PropertyInput(ValueInput):
    ignored: ClassVar[frozenset[str]] = ValueInput.ignored - {"target"}

    target = serializers.CharField(
        max_length=64, help_text="Full slug of a project, device or data block. Cannot be changed."
    )


@extend_schema_field(_VALUE)
class AnyValueField(serializers.Field[Any, Any, Any, Any]):
    """A value with the type that it has in JSON."""

    def to_internal_value(self, data: Any) -> int | str | bool:
        if isinstance(data, bool):
            return data
        if not isinstance(data, int | str):
            raise serializers.ValidationError("A whole number, a text, true or false is needed.")
        field = _INT() if isinstance(data, int) else _STR()
        checked: int | str = field.run_validation(data)
        return checked

    def to_representation(self, value: Any) -> Any:
        return value


class ChangedPropertyInput(PropertyInput):
    """Accepts a property as it was read, with `value`; a value under the name of its type takes
    precedence."""

    ignored: ClassVar[frozenset[str]] = PropertyInput.ignored - {"value"}
    of_the_system: ClassVar[bool] = True

    value = AnyValueField(required=False, help_text="As it was read.")


class PropertyTemplateOutput(serializers.ModelSerializer[PropertyTemplate]):
    org = Slug(slug_field="slug", read_only=True)
    enums = serializers.SerializerMethodField(help_text="The values it may have; empty: any.")
    created_by = Slug(slug_field="slug", read_only=True)

    class Meta:
        model = PropertyTemplate
        fields = ("id", "org", "type", "name", "default", "enums", "extra", "created_by")
        read_only_fields = fields

    def get_enums(self, template: PropertyTemplate) -> list[str]:
        return [enum.value for enum in template.enums.all()]


class PropertyTemplateInput(StrictInput):
    ignored: ClassVar[frozenset[str]] = frozenset({"id", "enums", "created_by", "created_on"})

    org = serializers.CharField(max_length=60, help_text="Slug of an organisation. Cannot be changed.")
    name = serializers.CharField(max_length=48)
    type = serializers.ChoiceField(PropertyType.choices, required=False)
    default = serializers.CharField(max_length=256, allow_blank=True, required=False)
    extra = DocumentField(required=False)


class EnumInput(StrictInput):
    ignored: ClassVar[frozenset[str]] = frozenset({"id", "org", "template", "created_by"})

    value = serializers.CharField(max_length=64)


class EnumOutput(serializers.ModelSerializer[PropertyEnum]):
    org = serializers.CharField(source="template.org.slug", read_only=True)
    created_by = Slug(slug_field="slug", read_only=True)

    class Meta:
        model = PropertyEnum
        fields = ("id", "org", "value", "template", "created_by")
        read_only_fields = fields


class EnumQuery(serializers.Serializer[Any]):
    value = serializers.CharField(max_length=64, required=False)
