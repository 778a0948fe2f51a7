"""A device with the counts of its streams."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from server.api.datablock import serializers as block_serializers
from server.api.device.serializers import extra as serializers
from server.api.device.serializers.devices import DeviceOutput
from server.api.device.views.devices import device_to_change
from server.api.staff import STAFF
from server.apps.streams.selectors.blocks import stream_counts_of_device


class DeviceExtra(APIView):
    @extend_schema(parameters=[STAFF], responses=serializers.DeviceExtraOutput)
    def get(self, request: Request, slug: str) -> Response:
        """A device, with how many readings and events each of its live streams has."""
        device = device_to_change(request, slug)
        counts = stream_counts_of_device(device)
        body: dict[str, Any] = dict(DeviceOutput(device).data)
        body["stream_counts"] = {
            stream: block_serializers.BlockStreamCount(count).data for stream, count in counts.items()
        }
        return Response(body)
