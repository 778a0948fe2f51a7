"""Reading, posting and correcting events, and their large parts."""

import uuid
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import paging, rows
from server.api.callers import IsReaderOrAuthor, author_of, reader_of
from server.api.data.serializers import readings
from server.api.event import serializers
from server.apps.accounts.selectors.accounts import actor_of, is_staff_request
from server.apps.streams.selectors.readings import DataStream
from server.apps.streams.selectors.selections import EventRecord, event_for, events_after, paged_events
from server.apps.streams.services.events import MOST_AT_ONCE as MOST_EVENTS_AT_ONCE
from server.apps.streams.services.events import EventChange, NewEvent, change_event, store_posted_events
from server.apps.streams.services.payloads import (
    Payload,
    document_of,
    event_of_token,
    event_token,
    json_payload,
    payload_of_file,
    payload_parts,
)
from server.core.rest.bodies import REPORT_BODY_BYTES
from server.core.rest.json_parser import CountedJsonParser
from server.core.rest.parsing import body_of, parsed, parsed_each, parsed_query
from server.core.rest.renderers import MessagePackRenderer
from server.core.rest.views import ReadView

_MOST: Final = MOST_EVENTS_AT_ONCE


class Events(ReadView):
    max_body_bytes = REPORT_BODY_BYTES
    permission_classes = (IsReaderOrAuthor,)
    renderer_classes = (JSONRenderer, MessagePackRenderer)

    @extend_schema(
        operation_id="v1_event_list", parameters=[readings.DataInput], responses=serializers.EventPage
    )
    def get(self, request: Request) -> Response:
        """Events of a stream, or of all streams of a device, archive, variable or alias, ascending
        by time."""
        query = parsed_query(readings.DataInput, request)
        selection = paging.selection_from_query(reader_of(request), query)
        found, count, neighbors = paging.read_page(
            request,
            query,
            by_number=lambda page_request: paged_events(selection, page_request),
            by_cursor=lambda after, limit: events_after(selection, after, limit=limit),
        )
        streams = {stream.key: stream for stream in selection.streams}
        results = [rows.event_row(streams[event.stream_key], event) for event in found]
        return Response(
            {"count": count, "next": neighbors.next, "previous": neighbors.previous, "results": results}
        )

    @extend_schema(
        request=PolymorphicProxySerializer(
            "OneOrManyEvents",
            [serializers.EventInput, serializers.EventInput(many=True)],
            resource_type_field_name=None,
            many=False,
        ),
        responses={
            201: PolymorphicProxySerializer(
                "StoredEvents",
                [serializers.EventOutput, readings.CountOutput],
                resource_type_field_name=None,
                many=False,
            )
        },
    )
    def post(self, request: Request) -> Response:
        """Store one event, or a list of at most 1,000 of them: all or nothing."""
        body = body_of(request)
        if isinstance(body, list) and len(body) > _MOST:
            raise ValidationError({"non_field_errors": [f"At most {_MOST} events can be posted at once."]})
        events = [_new_event(fields) for fields in parsed_each(serializers.EventInput, request)]
        stored = store_posted_events(events, by=author_of(request), staff=is_staff_request(request))
        if isinstance(body, list):
            return Response({"count": len(stored)}, status=status.HTTP_201_CREATED)
        return Response(_posted_row(events[0], stored[0]), status=status.HTTP_201_CREATED)


def _new_event(fields: dict[str, Any], payload: Payload | None = None) -> NewEvent:
    document = fields.get("data")
    return NewEvent(
        stream=fields["stream"],
        timestamp=fields["timestamp"] or timezone.now(),
        extra_data=fields["extra_data"],
        reading_id=fields["streamer_local_id"],
        raw_time=fields["device_timestamp"],
        payload=payload if document is None else json_payload(document),
    )


def _posted_row(event: NewEvent, stored: EventRecord) -> dict[str, Any]:
    stream = DataStream(stored.stream_key, str(event.stream), 0, None)
    return rows.event_row(stream, stored)


class Event(ReadView):
    max_body_bytes = REPORT_BODY_BYTES
    permission_classes = (IsReaderOrAuthor,)

    @extend_schema(responses=serializers.EventOutput)
    def get(self, request: Request, event_id: uuid.UUID) -> Response:
        """One event."""
        stream, event = event_for(reader_of(request), event_id)
        return Response(rows.event_row(stream, event))

    @extend_schema(request=serializers.EventChangeInput, responses=serializers.EventOutput)
    def patch(self, request: Request, event_id: uuid.UUID) -> Response:
        """Correct an event. Given fields replace stored ones."""
        fields = parsed(serializers.EventChangeInput, request, partial=True)
        change = EventChange(
            timestamp=fields.get("timestamp"),
            extra_data=fields.get("extra_data"),
            reading_id=fields.get("streamer_local_id"),
            raw_time=fields.get("device_timestamp"),
            payload=None if fields.get("data") is None else json_payload(fields["data"]),
        )
        stream, event = change_event(
            event_id=event_id, change=change, by=actor_of(request), staff=is_staff_request(request)
        )
        data_stream = DataStream(stream.key, stream.slug, 0, None, variable=stream.variable.slug)
        return Response(rows.event_row(data_stream, event))


class EventUpload(ReadView):
    permission_classes = (IsReaderOrAuthor,)
    parser_classes = (MultiPartParser, CountedJsonParser)  # JSON has no file, which is said then
    max_body_bytes = REPORT_BODY_BYTES
    http_method_names = ("post", "options")

    @extend_schema(
        request={"multipart/form-data": serializers.EventUploadForm},
        responses={201: serializers.EventOutput},
    )
    def post(self, request: Request) -> Response:
        """Store an event whose large part is a file: JSON, optionally compressed with gzip."""
        fields, file = _form(request)
        event = _new_event(fields, payload_of_file(file.name or "", file.read()))
        [stored] = store_posted_events([event], by=author_of(request), staff=is_staff_request(request))
        return Response(_posted_row(event, stored), status=status.HTTP_201_CREATED)


def _form(request: Request) -> tuple[dict[str, Any], "UploadedFile[Any]"]:
    body = body_of(request)
    file = request.FILES.get("file")
    if file is None:
        raise ValidationError({"file": ["A .json or .json.gz file is needed."]})
    given = {name: body[name] for name in body if name != "file" and body[name] != ""}
    if "encoded_extra_data" in given:
        try:
            given["extra_data"] = document_of(given.pop("encoded_extra_data"))
        except ValueError as error:
            raise ValidationError({"encoded_extra_data": [str(error)]}) from error
    form = serializers.EventInput(data=given)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data), file


class EventData(ReadView):
    permission_classes = (IsReaderOrAuthor,)

    @extend_schema(responses={(200, "application/json"): OpenApiTypes.ANY, 404: OpenApiTypes.OBJECT})
    def get(self, request: Request, event_id: uuid.UUID) -> HttpResponseBase:
        """The large part of an event, as it was stored."""
        _, event = event_for(reader_of(request), event_id)
        return _file_of(event)


class EventUrl(ReadView):
    permission_classes = (IsReaderOrAuthor,)

    @extend_schema(responses={200: serializers.UrlOutput, 404: OpenApiTypes.OBJECT})
    def get(self, request: Request, event_id: uuid.UUID) -> Response:
        """A URL of the large part that works for an hour without signing in."""
        _, event = event_for(reader_of(request), event_id)
        if not event.has_data:
            return _no_data()
        path = reverse("event-file", kwargs={"token": event_token(event_id)})
        return Response({"url": request.build_absolute_uri(path)})


class EventFile(ReadView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        parameters=[OpenApiParameter("token", OpenApiTypes.STR, OpenApiParameter.PATH)],
        responses={(200, "application/json"): OpenApiTypes.ANY},
    )
    def get(self, request: Request, token: str) -> HttpResponseBase:
        """The large part of an event, by a URL that has not expired."""
        return _file_of(event_of_token(token))


def _file_of(event: EventRecord) -> HttpResponseBase:
    parts = payload_parts(event)
    if parts is None:
        return _no_data()
    return StreamingHttpResponse(parts, content_type="application/json")


def _no_data() -> Response:
    return Response({"error": "Event has no data"}, status=status.HTTP_404_NOT_FOUND)
