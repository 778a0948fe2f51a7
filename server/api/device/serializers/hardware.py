"""Serializers of a device's versions and keys. Field names are those of the original cloud."""

from typing import Any

from rest_framework import serializers

from server.apps.devices.models import DeviceVersion


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


class NoKeyOutput(serializers.Serializer[Any]):
    """`msg` when there is no such key; `detail` when the caller may not have it."""

    msg = serializers.CharField(required=False)
    detail = serializers.CharField(required=False)
