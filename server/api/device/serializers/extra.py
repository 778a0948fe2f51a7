"""Serializer of a device with the counts of its streams."""

from rest_framework import serializers

from server.api.datablock.serializers import BlockStreamCount
from server.api.device.serializers.devices import DeviceOutput
from server.apps.devices.models import Device


class DeviceExtraOutput(DeviceOutput):
    stream_counts = serializers.DictField(
        child=BlockStreamCount(), read_only=True, help_text="What its live streams hold, by slug."
    )

    class Meta:
        model = Device
        fields = (*DeviceOutput.Meta.fields, "stream_counts")
        read_only_fields = fields
