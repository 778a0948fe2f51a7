"""For production lines, which use an API key of their organisation, and for staff, who store the
keys of devices."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_201_CREATED
from rest_framework.views import APIView

from server.api.filters import ProductionFilters
from server.api.production import serializers
from server.apps.accounts.models import Org, OrgApiKey
from server.apps.accounts.selectors.accounts import actor_of
from server.apps.devices.models import Device
from server.apps.devices.selectors.production import device_in_production_for, devices_in_production_of
from server.apps.devices.services.production import (
    create_virtual_devices,
    read_production_keys,
    set_device_key,
)
from server.core.errors import Forbidden
from server.core.rest.pagination import LargePages
from server.core.rest.parsing import parsed, parsed_query
from server.core.rest.permissions import ApiKeyOnly, Staff
from server.core.rest.secret_answers import NOT_STORED
from server.core.rest.views import ReadViewSet


def _key(request: Request) -> OrgApiKey:
    if not isinstance(request.auth, OrgApiKey):
        raise Forbidden()
    return request.auth


class ProductionDevices(ReadViewSet[Device]):
    """The devices of the API key's organisation, claimed or not. With `?keys=1` also the keys that
    go into them."""

    serializer_class = serializers.ProductionDeviceOutput
    filterset_class = ProductionFilters
    pagination_class = LargePages
    permission_classes = (ApiKeyOnly,)
    api_key_scope: ClassVar[str] = OrgApiKey.Scope.PRODUCTION

    def get_queryset(self) -> QuerySet[Device]:
        key = self.request.auth
        if not isinstance(key, OrgApiKey):  # only the generator of the documentation comes here without one
            return Device.objects.none()
        return devices_in_production_of(key.org)

    @extend_schema(
        parameters=[serializers.ProductionQuery],
        responses=serializers.ProductionDeviceWithKeysOutput(many=True),
    )
    def list(self, request: Request) -> Response:
        """The devices of the API key's organisation, claimed or not."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(self._serialize(page))

    @extend_schema(
        parameters=[serializers.ProductionQuery], responses=serializers.ProductionDeviceWithKeysOutput
    )
    def retrieve(self, request: Request, slug: str) -> Response:
        """A device of the API key's organisation, by any form of its slug."""
        device = device_in_production_for(_key(request).org, slug)
        return Response(self._serialize([device])[0])

    def _serialize(self, devices: Sequence[Device]) -> Any:
        rows = serializers.ProductionDeviceOutput(devices, many=True).data
        if parsed_query(serializers.ProductionQuery, self.request).get("keys"):
            self.headers.update(NOT_STORED)
            keys = read_production_keys(devices=devices, with_key=_key(self.request))
            for row in rows:
                row["keys"] = [{"type": kind, "secret": secret} for kind, secret in keys.get(row["id"], [])]
        return rows


class NewVirtualDevice(APIView):
    permission_classes = (ApiKeyOnly,)
    api_key_scope: ClassVar[str] = OrgApiKey.Scope.VIRTUAL_DEVICES

    @extend_schema(
        request=serializers.VirtualDeviceInput,
        responses={201: serializers.ProductionDeviceOutput(many=True)},
    )
    def post(self, request: Request) -> Response:
        """Create a virtual device, a program that reports as a device. It is set aside for the API
        key's organisation, which can claim it without a code."""
        data = parsed(serializers.VirtualDeviceInput, request)
        key = _key(request)
        devices = create_virtual_devices(
            org=_own_org(key, data.get("org", key.org.slug)),
            sg=data["sg"],
            count=data["qty"],
            responsible=data["user"],
            with_key=key,
        )
        written = serializers.ProductionDeviceOutput(devices, many=True)
        return Response(written.data, status=HTTP_201_CREATED)


def _own_org(key: OrgApiKey, slug: str) -> Org:
    """Raises the same ValidationError for another organisation as for one that does not exist."""
    if slug != key.org.slug:
        raise ValidationError({"org": [f"There is no {slug}."]})
    return key.org


class NewDeviceKey(APIView):
    permission_classes = (Staff,)

    @extend_schema(request=serializers.StoredKeyInput, responses={201: serializers.StoredKeyOutput})
    def post(self, request: Request) -> Response:
        """Store a secret that a device and the server share, sealed with the server's key. Staff
        only."""
        data = parsed(serializers.StoredKeyInput, request)
        key = set_device_key(by=actor_of(request), **data)
        return Response(serializers.StoredKeyOutput(key).data, status=HTTP_201_CREATED)
