"""The mask of a device or an archive: the time range whose data is shown."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_202_ACCEPTED, HTTP_204_NO_CONTENT
from rest_framework.views import APIView

from server.api.datablock import serializers
from server.apps.accounts.selectors.accounts import actor_of, is_staff_request
from server.apps.devices.models import Device
from server.apps.streams.models import DataBlock, StreamId
from server.apps.streams.selectors.blocks import block_for, counts_within_mask, mask_on, streams_of_block
from server.apps.streams.services.masking import change_mask, delete_mask
from server.apps.streams.services.relabelling import live_streams
from server.core.rest.parsing import parsed


class Mask(APIView):
    """A subclass decides of what."""

    def masked_object(self, request: Request, slug: str) -> Device | DataBlock:
        raise NotImplementedError

    @extend_schema(responses=serializers.MaskOutput)
    def get(self, request: Request, slug: str) -> Response:
        """The time range whose data is shown; nulls when all data is."""
        mask = mask_on(self.masked_object(request, slug))
        body = {"start": mask.start if mask else None, "end": mask.end if mask else None}
        return Response(serializers.MaskOutput(body).data)

    @extend_schema(request=serializers.MaskInput, responses={202: serializers.MaskChangedOutput})
    def patch(self, request: Request, slug: str) -> Response:
        """Show only the data of a time range. Nothing is deleted."""
        thing = self.masked_object(request, slug)
        changes = parsed(serializers.MaskInput, request, partial=True)
        mask = change_mask(
            thing=thing, changes=changes, by=actor_of(request), staff=is_staff_request(request)
        )
        counts = counts_within_mask(mask, _streams_of(thing))
        body: dict[str, Any] = {"start": mask.start, "end": mask.end}
        body |= {"events": counts.events, "data": counts.readings}
        return Response(serializers.MaskChangedOutput(body).data, status=HTTP_202_ACCEPTED)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str) -> Response:
        """Show all data again."""
        thing = self.masked_object(request, slug)
        delete_mask(thing=thing, by=actor_of(request), staff=is_staff_request(request))
        return Response(status=HTTP_204_NO_CONTENT)


def _streams_of(thing: Device | DataBlock) -> list[StreamId]:
    if isinstance(thing, Device):
        return list(live_streams(thing))
    return list(streams_of_block(thing))


class BlockMask(Mask):
    def masked_object(self, request: Request, slug: str) -> DataBlock:
        return block_for(request.user, slug, staff=is_staff_request(request))
