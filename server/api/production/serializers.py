"""Serializers for production lines. Field names are those of the original cloud."""

from typing import Any, TypeAlias

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from server.apps.devices.models import Device, DeviceKey
from server.apps.devices.selectors.production import KEY_TYPES, VIRTUAL_GRAPHS, known_device, virtual_graph
from server.core.rest.parsing import StrictInput
from server.core.rest.references import ReferenceField

Slug: TypeAlias = serializers.SlugRelatedField[Any]


class ProductionQuery(serializers.Serializer[Any]):
    keys = serializers.BooleanField(
        required=False, help_text="With the keys that go into the device; needs the scope `production-keys`."
    )


class SecretOutput(serializers.Serializer[Any]):
    type = serializers.ChoiceField([*KEY_TYPES])
    secret = serializers.CharField()


class ProductionDeviceOutput(serializers.ModelSerializer[Device]):
    gid = serializers.CharField(read_only=True, help_text="The slug without its prefix.")
    template = Slug(slug_field="slug", read_only=True, allow_null=True)
    sg = Slug(slug_field="slug", read_only=True, allow_null=True)
    claimed = serializers.BooleanField(read_only=True)

    class Meta:
        model = Device
        fields: tuple[str, ...] = ("id", "slug", "gid", "created_on", "template", "sg", "claimed")
        read_only_fields = fields


class ProductionDeviceWithKeysOutput(ProductionDeviceOutput):
    # For the documentation: the keys of a device are no column of its row, so the view adds them.
    keys = SecretOutput(many=True, required=False, help_text="With `?keys=1` only.")

    class Meta(ProductionDeviceOutput.Meta):
        fields = (*ProductionDeviceOutput.Meta.fields, "keys")


class VirtualDeviceInput(StrictInput):
    org = serializers.CharField(
        max_length=100, required=False, help_text="Slug of the API key's organisation, which is the default."
    )
    user = serializers.CharField(
        max_length=100,
        help_text="Slug of the account that is responsible for the device; it must be allowed to claim devices there.",
    )
    sg = ReferenceField(virtual_graph, help_text=f"One of {', '.join(VIRTUAL_GRAPHS)}.")
    qty = serializers.IntegerField(min_value=1, max_value=1, default=1)


class StoredKeyInput(StrictInput):
    slug = ReferenceField(known_device, source="device", help_text="Slug of a device.")
    type = serializers.ChoiceField([*KEY_TYPES])
    secret = serializers.CharField(
        max_length=8192, trim_whitespace=False, help_text="Stored sealed; not returned."
    )
    downloadable = serializers.BooleanField(
        default=False, help_text="Readable by production lines and by people who set the device up."
    )


class StoredKeyOutput(serializers.ModelSerializer[DeviceKey]):
    slug = serializers.CharField(source="device.slug", read_only=True)
    type = serializers.SerializerMethodField()

    class Meta:
        model = DeviceKey
        fields = ("slug", "type", "downloadable")
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField([*KEY_TYPES]))
    def get_type(self, key: DeviceKey) -> str:
        return next(name for name, kind in KEY_TYPES.items() if kind == key.kind)
