"""Repairs of a device: planning, reading, applying and undoing them."""

import uuid

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_201_CREATED, HTTP_202_ACCEPTED, HTTP_204_NO_CONTENT
from rest_framework.views import APIView

from server.api.device.serializers import repairs as serializers
from server.apps.accounts.selectors.accounts import actor_of, is_staff_request
from server.apps.activity.models import Operation
from server.apps.devices.models import Device
from server.apps.devices.selectors.devices import device_for
from server.apps.lifecycle.models import Repair
from server.apps.lifecycle.selectors import repair_for, repairs_of_device
from server.apps.lifecycle.services.repairs.applying import start_repair
from server.apps.lifecycle.services.repairs.planning import discard_repair, plan_repair
from server.apps.lifecycle.services.repairs.undoing import start_undo
from server.core.errors import Invalid
from server.core.rest.parsing import parsed


class Repairs(mixins.ListModelMixin, GenericAPIView[Repair]):
    serializer_class = serializers.RepairOutput
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Repair]:
        if getattr(self, "swagger_fake_view", False):
            return Repair.objects.none()
        device = _device(self.request, self.kwargs["slug"])
        return repairs_of_device(actor_of(self.request), device, staff=is_staff_request(self.request))

    @extend_schema(responses=serializers.RepairOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """Plans and repairs of a device, the newest first."""
        return self.list(request)

    @extend_schema(request=serializers.RepairInput, responses={201: serializers.RepairOutput})
    def post(self, request: Request, slug: str) -> Response:
        """Plan a repair: the answer shows what it would change. Nothing changes until it is
        applied."""
        device = _device(request, slug)
        data = parsed(serializers.RepairInput, request)
        try:
            repair = plan_repair(
                device=device,
                kind=data["kind"],
                arguments=data["arguments"],
                by=actor_of(request),
                staff=is_staff_request(request),
            )
        except Invalid as error:
            raise ValidationError({"arguments": {error.field or "detail": [error.message]}}) from error
        return Response(serializers.RepairOutput(repair).data, status=HTTP_201_CREATED)


class OneRepair(APIView):
    @extend_schema(responses=serializers.RepairOutput)
    def get(self, request: Request, slug: str, repair_id: uuid.UUID) -> Response:
        """One plan or repair."""
        return Response(serializers.RepairOutput(_repair(request, slug, repair_id)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, repair_id: uuid.UUID) -> Response:
        """Discard a plan that was not applied."""
        repair = _repair(request, slug, repair_id)
        discard_repair(repair=repair, by=actor_of(request), staff=is_staff_request(request))
        return Response(status=HTTP_204_NO_CONTENT)


class ApplyRepair(APIView):
    @extend_schema(request=None, responses={202: serializers.RepairScheduled})
    def post(self, request: Request, slug: str, repair_id: uuid.UUID) -> Response:
        """Apply a plan, once. Reports that arrive meanwhile wait. It fails and changes nothing if
        the changes would differ from the plan."""
        repair = _repair(request, slug, repair_id)
        staff = is_staff_request(request)
        return _scheduled(start_repair(repair=repair, by=actor_of(request), staff=staff))


class UndoRepair(APIView):
    @extend_schema(request=None, responses={202: serializers.RepairScheduled})
    def post(self, request: Request, slug: str, repair_id: uuid.UUID) -> Response:
        """Undo a repair: restore every row. It fails and changes nothing if one of them has changed
        since."""
        repair = _repair(request, slug, repair_id)
        staff = is_staff_request(request)
        return _scheduled(start_undo(repair=repair, by=actor_of(request), staff=staff))


def _scheduled(operation: Operation) -> Response:
    return Response({"pid": str(operation.pk)}, status=HTTP_202_ACCEPTED)


def _device(request: Request, slug: str) -> Device:
    return device_for(request.user, slug, staff=is_staff_request(request))


def _repair(request: Request, slug: str, repair_id: uuid.UUID) -> Repair:
    device = _device(request, slug)
    return repair_for(actor_of(request), device, repair_id, staff=is_staff_request(request))
