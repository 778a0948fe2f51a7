"""The health of a device: whether it reports as often as expected."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from server.api.device.serializers import health as serializers
from server.apps.accounts.selectors.accounts import actor_of, is_staff_request
from server.apps.devices.models import Device
from server.apps.devices.selectors.devices import device_for, health_of
from server.apps.devices.services.health import change_health
from server.apps.ingest import selectors
from server.core.listening import listening_since
from server.core.rest.parsing import parsed


class Status(APIView):
    @extend_schema(responses=serializers.HealthOutput)
    def get(self, request: Request, slug: str) -> Response:
        """Whether a device reports as often as expected, and who is notified when it does not."""
        return Response(_health(_device(request, slug)))


class Health(Status):
    @extend_schema(request=serializers.HealthInput, responses=serializers.HealthOutput)
    def patch(self, request: Request, slug: str) -> Response:
        """Switch the health check of a device on or off; set how long it may be silent and who is
        notified."""
        device = _device(request, slug)
        changes = parsed(serializers.HealthInput, request, partial=True)
        change_health(
            device=device,
            by=actor_of(request),
            staff=is_staff_request(request),
            enabled=changes.get("health_check_enabled"),
            period_s=changes.get("health_check_period"),
            recipients=changes.get("notification_recipients"),
        )
        return Response(_health(device))


class FilterLog(APIView):
    @extend_schema(responses=serializers.FilterLogOutput)
    def get(self, request: Request, slug: str) -> Response:
        """The log of a device's stream filters. There are no filters yet, so it is empty."""
        _device(request, slug)
        return Response({"device_filter_logs": []})


def _health(device: Device) -> dict[str, Any]:
    now = timezone.now()
    health = {
        "alert": health_of(device, now=now, listening_since=listening_since(now=now)),
        "last_report_ts": device.last_report_on,
        "last_known_id": selectors.last_known_id(device),
        "last_known_state": device.last_known_state,
        "health_check_enabled": device.health_check_enabled,
        "health_check_period": device.expected_every_seconds,
        "notification_recipients": device.notification_recipients,
    }
    return dict(serializers.HealthOutput(health).data)


def _device(request: Request, slug: str) -> Device:
    return device_for(request.user, slug, staff=is_staff_request(request))
