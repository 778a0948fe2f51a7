"""Resetting and unclaiming a device."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_202_ACCEPTED
from rest_framework.views import APIView

from server.api.device.serializers import lifecycle as serializers
from server.apps.accounts.selectors.accounts import actor_of, is_staff_request
from server.apps.devices.models import Device
from server.apps.devices.selectors.devices import device_for
from server.apps.lifecycle.services.previews import preview_reset, preview_unclaim
from server.apps.lifecycle.services.resetting import ResetOptions, reset_device
from server.apps.lifecycle.services.unclaiming import unclaim_device
from server.core.rest.dry_runs import DRY_RUN, EffectOutput, effect_response, is_dry_run
from server.core.rest.parsing import parsed
from server.core.rest.secret_answers import SecretResponse


class ResetDevice(APIView):
    @extend_schema(
        parameters=[DRY_RUN],
        request=serializers.ResetInput,
        responses={200: EffectOutput, 202: serializers.ResetScheduled},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Delete all data of a device. Reports that arrive meanwhile wait, and are stored when it
        is done."""
        device = _device(request, slug)
        options = ResetOptions(**parsed(serializers.ResetInput, request))
        caller: dict[str, Any] = {"by": actor_of(request), "staff": is_staff_request(request)}
        if is_dry_run(request):
            return effect_response(asdict(preview_reset(device=device, options=options, **caller)))
        operation = reset_device(device=device, options=options, **caller)
        return Response({"reset": "scheduled", "pid": str(operation.pk)}, status=HTTP_202_ACCEPTED)


class UnclaimDevice(APIView):
    @extend_schema(
        parameters=[DRY_RUN],
        request=serializers.UnclaimInput,
        responses={200: EffectOutput, 202: serializers.UnclaimScheduled},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Remove a device from its project and organisation. Its reports, notes, properties and
        locations are deleted and its keys revoked, so the next owner finds nothing of yours. The
        claim code in the answer claims it again; it is not shown again. The device's own
        key ends, too: after the next claim `POST device/{slug}/key/` makes another."""
        device = _device(request, slug)
        data = parsed(serializers.UnclaimInput, request)
        caller: dict[str, Any] = {"by": actor_of(request), "staff": is_staff_request(request)}
        if is_dry_run(request):
            return effect_response(
                asdict(preview_unclaim(device=device, clean_streams=data["clean_streams"], **caller))
            )
        unclaiming = unclaim_device(device=device, **caller, **data)
        body = {
            "unclaimed": True,
            "msg": f"{device.slug} is being unclaimed.",
            "pid": str(unclaiming.operation.pk),
            "claim_code": unclaiming.claim_code,
        }
        return SecretResponse(body, status=HTTP_202_ACCEPTED)


def _device(request: Request, slug: str) -> Device:
    return device_for(request.user, slug, staff=is_staff_request(request))
