"""Reading, creating, changing and removing devices."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from server.api import filters
from server.api.device.serializers import devices as serializers
from server.api.references import named_org, named_project, with_catalogue_objects
from server.api.sg.serializers import SensorGraphOutput
from server.api.staff import STAFF, require_staff_asking
from server.apps.accounts.selectors.accounts import actor_of, is_staff_request
from server.apps.devices.models import Device
from server.apps.devices.selectors.devices import device_for, device_number, devices_of
from server.apps.devices.selectors.keys import device_of
from server.apps.devices.services.devices import create_device, delete_device
from server.apps.devices.services.numbers import next_device_number
from server.apps.lifecycle.services.adding import add_http_device
from server.apps.lifecycle.services.changing import change_device, record_upgrade
from server.apps.streams.selectors.catalogue import full_sensor_graph_of
from server.core.errors import NotFound
from server.core.rest.pagination import LargePages
from server.core.rest.parsing import parsed
from server.core.rest.permissions import PersonOrDevice
from server.core.rest.secret_answers import SecretResponse
from server.core.rest.throttling import throttle
from server.core.rest.views import ReadViewSet


def device_to_change(request: Request, slug: str) -> Device:
    """The gate for people."""
    return device_for(actor_of(request), slug, staff=is_staff_request(request))


class Devices(ReadViewSet[Device]):
    """The devices of your organisations."""

    serializer_class = serializers.DeviceOutput
    pagination_class = LargePages
    filterset_class = filters.DeviceFilters

    def get_queryset(self) -> QuerySet[Device]:
        return devices_of(self.request.user, staff=is_staff_request(self.request))

    @extend_schema(parameters=[STAFF])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The devices of your organisations; active ones unless `all=1`. Ordered by number."""
        devices = self.filter_queryset(self.get_queryset())
        page = self.paginate_queryset(serializers.device_columns(devices))
        return self.get_paginated_response(serializers.device_rows(page or ()))

    @extend_schema(
        parameters=[STAFF],
        request=serializers.NewDeviceInput,
        responses={201: serializers.DeviceOutput},
    )
    def create(self, request: Request) -> Response:
        """Create an unclaimed device. For staff with `?staff=1`."""
        require_staff_asking(request)
        data = with_catalogue_objects(request, parsed(serializers.NewDeviceInput, request))
        org = data.pop("org", None)
        data["org"] = named_org(request, org) if org else None
        number = data.pop("id", None)
        number = next_device_number() if number is None else number
        device = create_device(number=number, by=actor_of(request), **data)
        return Response(serializers.DeviceOutput(device).data, status=status.HTTP_201_CREATED)


class HttpDevice(APIView):
    throttle_classes = (throttle("claim"),)

    @extend_schema(
        parameters=[STAFF],
        request=serializers.HttpDeviceInput,
        responses={201: serializers.HttpDeviceOutput},
    )
    def post(self, request: Request) -> Response:
        """Add a board of your own, which sends values to `in/`, to a project.

        Its key is shown once."""
        data = parsed(serializers.HttpDeviceInput, request)
        project = named_project(request, data["project"])
        added = add_http_device(
            project=project, by=actor_of(request), label=data["label"], staff=is_staff_request(request)
        )
        shown = {"device": added.device, "key": added.key.key, "key_id": added.key.id}
        return SecretResponse(serializers.HttpDeviceOutput(shown).data, status=status.HTTP_201_CREATED)


class OneDevice(ReadViewSet[Device]):
    """A device, by any form of its slug."""

    serializer_class = serializers.DeviceOutput
    permission_classes = (PersonOrDevice,)

    def get_queryset(self) -> QuerySet[Device]:
        return devices_of(self.request.user, staff=is_staff_request(self.request))

    def get_object(self) -> Device:
        slug = self.kwargs["slug"]
        itself = device_of(self.request)
        if itself is None:
            staff = is_staff_request(self.request)
            return device_for(self.request.user, slug, staff=staff)
        if itself.pk != device_number(slug):
            raise NotFound()
        return itself

    @extend_schema(parameters=[STAFF])
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A device of your organisations, by any form of its slug. A device sees itself."""
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(parameters=[STAFF], request=serializers.DeviceInput)
    def update(self, request: Request, slug: str) -> Response:
        """Change a device. Missing fields stay as they are; read-only fields are ignored.

        Another `project` moves the device with its history, by an operation; the device is busy
        until it is done. Another `sg` adds the variables and streams of that sensor graph.
        `template` is for staff with `?staff=1`.
        """
        return self._change(request, slug)

    @extend_schema(parameters=[STAFF], request=serializers.DeviceInput)
    def partial_update(self, request: Request, slug: str) -> Response:
        """Same as PUT."""
        return self._change(request, slug)

    def _change(self, request: Request, slug: str) -> Response:
        device, by = device_to_change(request, slug), actor_of(request)
        changes = with_catalogue_objects(request, parsed(serializers.DeviceInput, request, partial=True))
        if changes.get("project") is not None:
            changes["project"] = named_project(request, changes["project"])
        change_device(device=device, by=by, changes=changes, staff=is_staff_request(request))
        return Response(serializers.DeviceOutput(device).data)

    @extend_schema(parameters=[STAFF], responses={204: None})
    def destroy(self, request: Request, slug: str) -> Response:
        """Remove an unclaimed device without data. For staff with `?staff=1`."""
        require_staff_asking(request)
        delete_device(device=device_to_change(request, slug), by=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class GraphOfDevice(APIView):
    @extend_schema(parameters=[STAFF], responses=SensorGraphOutput)
    def get(self, request: Request, slug: str) -> Response:
        """The sensor graph of a device, with its variables and widgets."""
        graph = full_sensor_graph_of(device_to_change(request, slug))
        if graph is None:
            raise NotFound()
        return Response(SensorGraphOutput(graph).data)


class Upgrade(APIView):
    @extend_schema(
        parameters=[STAFF], request=serializers.UpgradeInput, responses={202: serializers.UpgradeOutput}
    )
    def post(self, request: Request, slug: str) -> Response:
        """Record that a device got new firmware, as a note about it."""
        device = device_to_change(request, slug)
        firmware = parsed(serializers.UpgradeInput, request)["firmware"]
        record_upgrade(
            device=device, firmware=firmware, by=actor_of(request), staff=is_staff_request(request)
        )
        noted = {"slug": device.slug, "msg": f"Upgrade to {firmware} noted."}
        return Response(noted, status=status.HTTP_202_ACCEPTED)
