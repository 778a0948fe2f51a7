"""The shortest way in: a board sends values under names, and asks for the latest ones and its
settings. docs/protocol/in.md describes it for people."""

from datetime import datetime
from typing import Any, ClassVar, Final

from django.http import QueryDict
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotAuthenticated
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from server.api.in_ import serializers
from server.api.in_.authentication import AddressedKeyAuthentication
from server.apps.devices.models import Device
from server.apps.devices.selectors.keys import device_of
from server.apps.devices.selectors.metadata import config_attributes_of
from server.apps.streams.selectors.data import latest_values, named_streams_of
from server.apps.streams.services.named_readings import StoredValues, store_named_values
from server.core.errors import Invalid
from server.core.rest.bodies import DATA_BODY_BYTES
from server.core.rest.parsing import body_of, parsed_query
from server.core.rest.permissions import DeviceOnly
from server.core.sealed_documents import mask_secrets
from server.lib.named_values import (
    KEY,
    NamedValue,
    NamedValueError,
    values_of_document,
    values_of_form,
    values_of_lines,
)

_BODIES: Final = {
    "application/json": {
        "oneOf": [
            {"type": "object", "additionalProperties": True},
            {"type": "array", "items": {"type": "object", "additionalProperties": True}},
        ],
        "example": {"temperature": 21.5, "rssi": -61},
    },
    "text/csv": OpenApiTypes.STR,
}


class LinesParser(BaseParser):
    """Passes lines on unparsed: their errors name the line."""

    media_type = "text/csv"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return stream.read()


class _Receiver(APIView):
    permission_classes = (DeviceOnly,)
    parser_classes = (*APIView.parser_classes, LinesParser)
    max_body_bytes: ClassVar[int] = DATA_BODY_BYTES

    def _store(self, request: Request, *, without: str = "") -> Response:
        """`without`: a field that is no value."""
        now = timezone.now()
        try:
            values = _values(body_of(request), now, without)
        except NamedValueError as error:
            raise Invalid(error.message, field=error.field or None) from error
        nearest = parsed_query(serializers.InQuery, request)["round"]
        stored = store_named_values(device=_device(request), values=values, now=now, nearest=nearest)
        return Response(_answer(stored), status=status.HTTP_201_CREATED)


class In(_Receiver):
    @extend_schema(
        parameters=[serializers.InQuery], request=_BODIES, responses={201: serializers.StoredValuesOutput}
    )
    def post(self, request: Request) -> Response:
        """Store values under their names, all or nothing: `{"temperature": 21.5, "rssi": -61}`.

        Also a list of such objects, `name,value,ts` lines as text/csv, or a form; at most 10,000
        values. `ts` is RFC 3339, or seconds or milliseconds since 1970; without it, the time of
        arrival. A name makes a variable of the project, unless that does not want it. Values are
        kept exactly, with the decimals of their variable: three, if the first values need no
        others. The same value at the same `ts` is stored once.
        """
        return self._store(request)

    @extend_schema(responses=serializers.DeviceStateOutput)
    def get(self, request: Request) -> Response:
        """The latest value of each name, the settings of the device, and the time."""
        device = _device(request)
        streams = list(named_streams_of(device))
        latest = latest_values(streams)
        shown = {
            stream.variable.sent_name: {
                "value": latest[stream.key].value,
                "ts": latest[stream.key].ts,
                "unit": getattr(stream.variable.output_unit, "unit_short", "") or stream.variable.units,
            }
            for stream in streams
            if stream.key in latest
        }
        settings = {each.name.name: mask_secrets(each.data) for each in config_attributes_of(device.slug)}
        state = {"device": device.slug, "now": timezone.now(), "values": shown, "settings": settings}
        return Response(serializers.DeviceStateOutput(state).data)


class InAtKey(_Receiver):
    authentication_classes = (AddressedKeyAuthentication, *APIView.authentication_classes)

    @extend_schema(
        operation_id="v1_in_at_key",
        parameters=[serializers.InQuery],
        request=_BODIES,
        responses={201: serializers.StoredValuesOutput},
    )
    def post(self, request: Request, key_id: str) -> Response:
        """The same for boards that can set no header, at the address of the device's key: the key
        itself is the password of HTTP Basic, or the field `key` beside the values."""
        return self._store(request, without=KEY)


def _device(request: Request) -> Device:
    device = device_of(request)
    if device is None:
        raise NotAuthenticated()
    return device


def _values(body: Any, now: datetime, without: str) -> list[NamedValue]:
    if isinstance(body, bytes):
        return values_of_lines(body, now=now)
    if isinstance(body, QueryDict):
        return values_of_form({name: texts for name, texts in body.lists() if name != without}, now=now)
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name != without}
    return values_of_document(body, now=now)


def _answer(stored: StoredValues) -> dict[str, Any]:
    variables = {
        name: {
            "slug": named.variable,
            "stream": named.writer.slug,
            "unit": named.unit,
            "decimals": named.writer.conversion.decimals,
        }
        for name, named in stored.variables.items()
    }
    return {"stored": stored.stored, "duplicates": stored.duplicates, "variables": variables}
