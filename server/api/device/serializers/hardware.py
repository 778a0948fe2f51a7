"""Serializers of a device's versions and keys. Field names are those of the original cloud."""

from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from server.apps.devices.models import DeviceKey, DeviceVersion
from server.core.rest.parsing import StrictInput


class VersionOutput(serializers.ModelSerializer[DeviceVersion]):
    version = serializers.SerializerMethodField(help_text="Major and minor, such as 1.4.")

    class Meta:
        model = DeviceVersion
        fields = ("type", "tag", "version", "streamer_local_id", "updated_ts")
        read_only_fields = fields

    def get_version(self, version: DeviceVersion) -> str:
        return f"{version.major_version}.{version.minor_version}"


class KeyOutput(serializers.Serializer[Any]):
    key = serializers.CharField()


REPORT_KINDS: Final = {"user": DeviceKey.Kind.REPORT_USER, "device": DeviceKey.Kind.REPORT_DEVICE}


class ReportKeyInput(StrictInput):
    kind = serializers.ChoiceField([*REPORT_KINDS], help_text="Which of the two keys: as the report says.")
    root_key = serializers.CharField(
        max_length=200, write_only=True, help_text="64 hex digits. Stored sealed; not returned."
    )


class ReportKeyOutput(serializers.ModelSerializer[DeviceKey]):
    kind = serializers.SerializerMethodField()
    created_by = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True, allow_null=True)

    class Meta:
        model = DeviceKey
        fields = ("kind", "created_on", "created_by")
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField([*REPORT_KINDS]))
    def get_kind(self, key: DeviceKey) -> str:
        return next(name for name, kind in REPORT_KINDS.items() if kind == key.kind)


class NewKeyOutput(KeyOutput):
    key_id = serializers.UUIDField(
        allow_null=True,
        help_text="Public: boards that can set no header post to `in/<key_id>/`. Null when it is replaced already.",
    )


class NoKeyOutput(serializers.Serializer[Any]):
    """`msg` when there is no such key; `detail` when the caller may not have it."""

    msg = serializers.CharField(required=False)
    detail = serializers.CharField(required=False)
