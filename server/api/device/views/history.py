"""Moving, trimming and masking a device's history."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_202_ACCEPTED
from rest_framework.views import APIView

from server.api.datablock.masks import Mask
from server.api.device.serializers import history as serializers
from server.api.references import named_project
from server.apps.accounts.selectors.accounts import actor_of, is_staff_request
from server.apps.devices.models import Device
from server.apps.devices.selectors.devices import device_for
from server.apps.lifecycle.services.moving import move_device
from server.apps.lifecycle.services.previews import preview_move, preview_trim
from server.apps.lifecycle.services.trimming import trim_device
from server.core.rest.dry_runs import DRY_RUN, EffectOutput, effect_response, is_dry_run
from server.core.rest.parsing import parsed


class MoveDevice(APIView):
    @extend_schema(
        parameters=[DRY_RUN],
        request=serializers.MoveInput,
        responses={200: EffectOutput, 202: serializers.MoveScheduled},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Move a device to another project. To another organisation's project it takes the
        permission to claim devices in both."""
        device = device_for(request.user, slug, staff=is_staff_request(request))
        data = parsed(serializers.MoveInput, request)
        move: dict[str, Any] = {"device": device, "into": named_project(request, data["project"])}
        move |= {"with_data": data["move_data"], "by": actor_of(request), "staff": is_staff_request(request)}
        if is_dry_run(request):
            return effect_response(asdict(preview_move(**move)))
        operation = move_device(**move)
        return Response({"move": "scheduled", "pid": str(operation.pk)}, status=HTTP_202_ACCEPTED)


class TrimDevice(APIView):
    @extend_schema(
        parameters=[DRY_RUN],
        request=serializers.TrimInput,
        responses={200: EffectOutput, 202: serializers.TrimScheduled},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Delete what a device measured before a start and after an end. Reboots, versions, trips
        and streams that only the app shows stay."""
        device = device_for(request.user, slug, staff=is_staff_request(request))
        data = parsed(serializers.TrimInput, request)
        trim: dict[str, Any] = {"device": device, "start": data.get("start"), "end": data.get("end")}
        trim |= {"by": actor_of(request), "staff": is_staff_request(request)}
        if is_dry_run(request):
            return effect_response(asdict(preview_trim(**trim)))
        operation = trim_device(**trim)
        return Response({"trim": "scheduled", "pid": str(operation.pk)}, status=HTTP_202_ACCEPTED)


class DeviceMask(Mask):
    def masked_object(self, request: Request, slug: str) -> Device:
        return device_for(request.user, slug, staff=is_staff_request(request))
