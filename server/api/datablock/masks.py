"""What happens to a device's history: it moves, is trimmed or masked."""

from dataclasses import asdict
from typing import Any, Final

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_202_ACCEPTED, HTTP_204_NO_CONTENT
from rest_framework.views import APIView

from server.api.datablock import serializers
from server.api.references import named_project
from server.apps.accounts.selectors import actor_of, is_staff_asking
from server.apps.devices.models import Device
from server.apps.devices.selectors import device_for
from server.apps.streams import selectors, services
from server.apps.streams.models import DataBlock, StreamId
from server.apps.streams.services.foreseeing import foresee_move, foresee_trim
from server.core.rest.dry_runs import DRY_RUN, EffectOutput, is_dry_run, told
from server.core.rest.parsing import parsed

SCHEDULED: Final = "scheduled"


class MoveDevice(APIView):
    @extend_schema(
        parameters=[DRY_RUN],
        request=serializers.MoveInput,
        responses={200: EffectOutput, 202: serializers.MoveScheduled},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Bring a device into another project. Into one of another organisation it takes the right to claim devices in both."""
        device = device_for(request.user, slug, staff=is_staff_asking(request))
        data = parsed(serializers.MoveInput, request)
        move: dict[str, Any] = {"device": device, "into": named_project(request, data["project"])}
        move |= {"with_data": data["move_data"], "by": actor_of(request), "staff": is_staff_asking(request)}
        if is_dry_run(request):
            return told(asdict(foresee_move(**move)))
        operation = services.move_device(**move)
        return Response({"move": SCHEDULED, "pid": str(operation.pk)}, status=HTTP_202_ACCEPTED)


class TrimDevice(APIView):
    @extend_schema(
        parameters=[DRY_RUN],
        request=serializers.TrimInput,
        responses={200: EffectOutput, 202: serializers.TrimScheduled},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Delete what a device measured before a start and after an end. Reboots, versions and trips stay, and what only the app
        shows."""
        device = device_for(request.user, slug, staff=is_staff_asking(request))
        data = parsed(serializers.TrimInput, request)
        trim: dict[str, Any] = {"device": device, "start": data.get("start"), "end": data.get("end")}
        trim |= {"by": actor_of(request), "staff": is_staff_asking(request)}
        if is_dry_run(request):
            return told(asdict(foresee_trim(**trim)))
        operation = services.trim_device(**trim)
        return Response({"trim": SCHEDULED, "pid": str(operation.pk)}, status=HTTP_202_ACCEPTED)


class Mask(APIView):
    """Of what, says a subclass."""

    def masked(self, request: Request, slug: str) -> Device | DataBlock:
        raise NotImplementedError

    @extend_schema(responses=serializers.MaskOutput)
    def get(self, request: Request, slug: str) -> Response:
        """The time whose data is shown; nulls when all of it is."""
        mask = selectors.mask_on(self.masked(request, slug))
        shown = {"start": mask.start if mask else None, "end": mask.end if mask else None}
        return Response(serializers.MaskOutput(shown).data)

    @extend_schema(request=serializers.MaskInput, responses={202: serializers.MaskChangedOutput})
    def patch(self, request: Request, slug: str) -> Response:
        """Show the data of a time only. Nothing is deleted."""
        thing = self.masked(request, slug)
        changes = parsed(serializers.MaskInput, request, partial=True)
        mask = services.change_mask(
            thing=thing, changes=changes, by=actor_of(request), staff=is_staff_asking(request)
        )
        counts = selectors.shown_counts(mask, _streams_of(thing))
        shown: dict[str, Any] = {"start": mask.start, "end": mask.end}
        shown |= {"events": counts.events, "data": counts.readings}
        return Response(serializers.MaskChangedOutput(shown).data, status=HTTP_202_ACCEPTED)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str) -> Response:
        """Show all data again."""
        thing = self.masked(request, slug)
        services.delete_mask(thing=thing, by=actor_of(request), staff=is_staff_asking(request))
        return Response(status=HTTP_204_NO_CONTENT)


def _streams_of(thing: Device | DataBlock) -> list[StreamId]:
    if isinstance(thing, Device):
        return list(services.live_streams(thing))
    return list(selectors.streams_of_block(thing))


class DeviceMask(Mask):
    def masked(self, request: Request, slug: str) -> Device:
        return device_for(request.user, slug, staff=is_staff_asking(request))


class BlockMask(Mask):
    def masked(self, request: Request, slug: str) -> DataBlock:
        return selectors.block_for(request.user, slug, staff=is_staff_asking(request))
