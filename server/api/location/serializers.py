"""Serializers of locations. Field names are those of the original cloud."""

from typing import Any, ClassVar

from rest_framework import serializers

from server.api.device.serializers.devices import DegreesField
from server.apps.devices.models import DeviceLocation
from server.core.rest.filters import parse_flag
from server.core.rest.moments import MomentField, MomentInput, StoredMomentField
from server.core.rest.parsing import StrictInput

Slug = serializers.SlugRelatedField[Any]


class FlagField(serializers.BooleanField):
    """Accepts the same values as the filters."""

    def to_internal_value(self, data: Any) -> bool:
        try:
            return parse_flag(str(data))
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error


class LocationQuery(MomentInput):
    target = serializers.CharField(max_length=64, help_text="Full slug of a device or data block.")
    start = MomentField(default=None, help_text="From this time on.")
    end = MomentField(default=None, help_text="Before this time.")
    mask = FlagField(default=False, help_text="Nothing outside the mask of the device or data block.")


class LocationOutput(serializers.ModelSerializer[DeviceLocation]):
    user = Slug(slug_field="slug", read_only=True, help_text="Who recorded it.")

    class Meta:
        model = DeviceLocation
        fields = ("id", "timestamp", "target", "lat", "lon", "user")
        read_only_fields = fields


class LocationInput(StrictInput):
    ignored: ClassVar[frozenset[str]] = frozenset({"id", "user"})

    target = serializers.CharField(max_length=64, help_text="Full slug of a device or data block.")
    timestamp = StoredMomentField(required=False, help_text="Without it: now.")
    lat = DegreesField(most=90)
    lon = DegreesField(most=180)


class LocationsOutput(serializers.Serializer[Any]):
    """The answer to a list."""

    count = serializers.IntegerField()
    last = LocationOutput(help_text="The newest of them.", allow_null=True)
