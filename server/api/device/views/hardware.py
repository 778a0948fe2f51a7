"""A device's template, versions and keys."""

from typing import Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from server.api.device.serializers import hardware as serializers
from server.api.dt.serializers import DeviceTemplateOutput
from server.api.staff import STAFF
from server.apps.accounts.selectors.accounts import actor_of, is_staff_request, require
from server.apps.devices.models import Device, DeviceKey
from server.apps.devices.selectors.devices import device_for, versions_of
from server.apps.devices.selectors.keys import stored_report_keys, valid_upload_key
from server.apps.devices.services.keys import (
    change_upload_key,
    disclose_key,
    issue_device_token,
    parse_root_key,
    store_report_key,
)
from server.core.errors import Conflict, Invalid, NotFound
from server.core.rest.parsing import parsed
from server.core.rest.secret_answers import SecretResponse
from server.core.rest.throttling import throttle

_DEVICE_TOKEN: Final = "a-jwt"
_KINDS: Final = {
    "x-api-key": DeviceKey.Kind.X_API,
    "mqtt": DeviceKey.Kind.MQTT,
    "ssh": DeviceKey.Kind.SSH,
    "usr": DeviceKey.Kind.USER,
}
_TYPE: Final = OpenApiParameter(
    "type",
    OpenApiTypes.STR,
    required=True,
    description="`a-jwt`, or a key from the factory: X-API-KEY, MQTT, SSH or USR.",
)


def _device(request: Request, slug: str) -> Device:
    return device_for(actor_of(request), slug, staff=is_staff_request(request))


class TemplateOfDevice(APIView):
    @extend_schema(responses=DeviceTemplateOutput)
    def get(self, request: Request, slug: str) -> Response:
        """The device template of a device."""
        template = _device(request, slug).template
        if template is None:
            raise NotFound()
        return Response(DeviceTemplateOutput(template).data)


class Versions(APIView):
    @extend_schema(responses=serializers.VersionOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The software that a device reported: the current version of each type, as a plain
        list."""
        versions = versions_of(_device(request, slug))
        return Response(serializers.VersionOutput(versions, many=True).data)


class KeyOfDevice(APIView):
    throttle_classes = (throttle("key"),)

    @extend_schema(
        parameters=[_TYPE],
        responses={200: serializers.KeyOutput, 403: serializers.NoKeyOutput},
    )
    def get(self, request: Request, slug: str) -> Response:
        """A key of a device.

        `a-jwt` creates a token that acts as the device: it posts its data, and reads it if the
        caller may. It expires, and it ends when the device is unclaimed, moved or gets another key,
        or when the caller may not take one any more. Keys from the factory are returned if they are
        downloadable.
        """
        device, by = _device(request, slug), actor_of(request)
        key_type = request.query_params.get("type", "").strip().lower()
        if not key_type:
            raise Invalid("Name the type of key, as in ?type=a-jwt.", field="type")
        staff = is_staff_request(request)
        try:
            if key_type == _DEVICE_TOKEN:
                key = issue_device_token(device=device, by=by, staff=staff)
            else:
                key = disclose_key(device=device, kind=_kind(key_type), by=by, staff=staff)
        except (Conflict, NotFound):
            return Response({"msg": "No key available"}, status=status.HTTP_403_FORBIDDEN)
        return SecretResponse({"key": key})

    @extend_schema(request=None, responses={201: serializers.NewKeyOutput})
    def post(self, request: Request, slug: str) -> Response:
        """Change a device's own key, with which it uploads: the answer has the new one, which is
        not shown again.

        The former one stops working at once. The key also ends when the device is unclaimed or
        moved to another organisation; those who have it then make a new one here.
        """
        device = _device(request, slug)
        key = change_upload_key(device=device, by=actor_of(request), staff=is_staff_request(request))
        made = valid_upload_key(key)
        shown = {"key": key, "key_id": None if made is None else made.pk}
        return SecretResponse(shown, status=status.HTTP_201_CREATED)


class ReportKeys(APIView):
    throttle_classes = (throttle("key"),)

    @extend_schema(parameters=[STAFF], responses=serializers.ReportKeyOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """Which report keys of a device are stored, as a plain list; never the keys."""
        device = _device(request, slug)
        if device.org is not None:
            require(actor_of(request), "can_modify_device", device.org, staff=is_staff_request(request))
        return Response(serializers.ReportKeyOutput(stored_report_keys(device), many=True).data)

    @extend_schema(
        parameters=[STAFF],
        request=serializers.ReportKeyInput,
        responses={201: serializers.ReportKeyOutput(many=True)},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Store the root key with which a device signs and encrypts its reports, in place of the
        former one of its kind. The answer says which are stored."""
        device = _device(request, slug)
        data = parsed(serializers.ReportKeyInput, request)
        store_report_key(
            device=device,
            kind=serializers.REPORT_KINDS[data["kind"]],
            root_key=parse_root_key(data["root_key"]),
            by=actor_of(request),
            staff=is_staff_request(request),
        )
        stored = serializers.ReportKeyOutput(stored_report_keys(device), many=True).data
        return Response(stored, status=status.HTTP_201_CREATED)


def _kind(name: str) -> DeviceKey.Kind:
    if name not in _KINDS:
        raise NotFound()
    return _KINDS[name]
