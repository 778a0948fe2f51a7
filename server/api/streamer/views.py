"""Uploading reports, and reading reports and acknowledgements. The upload is a hot path:
docs/hotpaths.md has its budget."""

import uuid
from collections.abc import Sequence
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from server.api.streamer import filters, serializers
from server.api.streamer.senders import IsSenderIfItUploads, sender_of
from server.apps.accounts.selectors.accounts import is_staff_request
from server.apps.devices.models import Device
from server.apps.devices.selectors.devices import Sender, device_for
from server.apps.devices.selectors.keys import device_of
from server.apps.ingest import selectors
from server.apps.ingest.models import Streamer, StreamerReport
from server.apps.ingest.services.receiving import RefusedReport, Upload, receive_report, refuse_upload
from server.core.errors import FieldlineError
from server.core.metrics import UPLOADS
from server.core.rest.bodies import REPORT_BODY_BYTES
from server.core.rest.errors import force_json
from server.core.rest.only_file import MOST_BYTES, only_file
from server.core.rest.pagination import LargePages
from server.core.rest.permissions import PersonOrDevice
from server.core.rest.renderers import MessagePackRenderer
from server.core.rest.views import ReadViewSet

_NEWEST: Final = 100
_RECEIVED: Final = serializers.UploadInput().fields["timestamp"]


class StreamerReports(mixins.ListModelMixin, GenericAPIView[StreamerReport]):
    """Reports of the devices of your organisations, the oldest first."""

    permission_classes = (IsSenderIfItUploads,)
    parser_classes = (MultiPartParser,)
    max_body_bytes = REPORT_BODY_BYTES
    renderer_classes = (JSONRenderer, MessagePackRenderer)
    serializer_class = serializers.ReportOutput
    filterset_class = filters.ReportFilters

    def get_queryset(self) -> QuerySet[StreamerReport]:
        reports = selectors.reports_of(self.request.user, staff=is_staff_request(self.request))
        return reports.order_by("created_on", "id")

    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        parameters=[OpenApiParameter("timestamp", OpenApiTypes.DATETIME, required=True)],
        request={"multipart/form-data": serializers.UploadForm},
        responses={201: serializers.UploadOutput},
    )
    def post(self, request: Request) -> Response:
        """Upload a report. 201 means that it is safe on the server; once its readings are stored,
        the streamer's `last_id` includes them."""
        upload = _parse_upload(request, sender_of(request))
        report = receive_report(upload, now=timezone.now())
        answer: dict[str, Any] = {"count": report.count}
        if report.flaws:
            answer["refused"] = {flaw.reason: count for flaw, count in report.flaws.items()}
        return Response(answer, status=status.HTTP_201_CREATED)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, RefusedReport):
            force_json(self.request)
            body = {"detail": exc.message, "reason": exc.reason, "offset": exc.offset, "field": exc.field}
            return Response(body, status=status.HTTP_400_BAD_REQUEST)
        if isinstance(exc, FieldlineError) and self.request.method == "POST":
            UPLOADS.labels("failed", exc.code).inc()
        return super().handle_exception(exc)


def _parse_upload(request: Request, sender: Sender) -> Upload:
    """Returns the upload. Raises ValidationError, TooLarge. A form without a file is recorded as a
    refused upload if a device sent it."""
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    size = int(length[:20]) if length.isdecimal() else 0
    plain = _parse_plain_upload(request, sender) if 0 < size <= MOST_BYTES else None
    if plain is not None:
        return plain
    if len(request.FILES.getlist("file")) > 1:  # taking one would silently lose the others
        raise ValidationError({"file": [serializers.ONE_FILE]})
    form = serializers.UploadInput(data={**request.query_params.dict(), **request.FILES.dict()})
    if not form.is_valid():
        if "file" in form.errors and isinstance(sender, Device):
            nothing = Upload(sender, b"", "", timezone.now())
            refuse_upload(nothing, reason="no-file", message=serializers.NO_FILE)
        raise ValidationError(form.errors)
    file = form.validated_data["file"]
    return Upload(sender, file.read(), file.name, form.validated_data["timestamp"])


def _parse_plain_upload(request: Request, sender: Sender) -> Upload | None:
    """Parses what nearly every upload looks like. Returns None for anything else, which the parsers
    handle with its errors."""
    sent = only_file(request.META.get("CONTENT_TYPE", ""), request.body)
    if sent is None or sent.field != "file":
        return None
    try:
        received = _RECEIVED.run_validation(request.query_params.get("timestamp"))
    except ValidationError:
        return None
    return Upload(sender, sent.data, sent.name, received)


class Report(ReadViewSet[StreamerReport]):
    """One report. The actual ids are null until it is processed, and 0 when nothing in it was
    new."""

    renderer_classes = (JSONRenderer, MessagePackRenderer)
    serializer_class = serializers.ReportOutput

    def get_queryset(self) -> QuerySet[StreamerReport]:
        return selectors.reports_of(self.request.user, staff=is_staff_request(self.request))

    def get_object(self) -> StreamerReport:
        report_id: uuid.UUID = self.kwargs["report_id"]
        return selectors.report_for(self.request.user, report_id, staff=is_staff_request(self.request))


class Streamers(GenericViewSet[Streamer]):
    """Streamers that stored something, with their acknowledgements. A device sees its own."""

    permission_classes = (PersonOrDevice,)
    serializer_class = serializers.StreamerOutput
    pagination_class = LargePages  # an existing client reads the first page only
    filterset_class = filters.StreamerFilters

    def get_queryset(self) -> QuerySet[Streamer]:
        device = device_of(self.request)
        if device is not None:
            return selectors.acknowledged_streamers_of_device(device)
        return selectors.acknowledged_streamers_of(self.request.user, staff=is_staff_request(self.request))

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(_render(page or ()))


class OneStreamer(APIView):
    @extend_schema(responses=serializers.StreamerOutput)
    def get(self, request: Request, slug: str) -> Response:
        """A streamer with its acknowledgement: readings up to `last_id` are stored."""
        streamer = selectors.streamer_for(request.user, slug, staff=is_staff_request(request))
        return Response(_render([streamer])[0])


class NewestReports(APIView):
    @extend_schema(operation_id="v1_streamer_newest_reports", responses=serializers.ReportOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The newest 100 reports of a streamer, as a plain list, the oldest of them first."""
        staff = is_staff_request(request)
        reports = selectors.newest_reports_of_streamer(request.user, slug, limit=_NEWEST, staff=staff)
        return Response(serializers.ReportOutput(reports[::-1], many=True).data)


class DeviceStreamers(APIView):
    @extend_schema(responses=serializers.StreamerOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The streamers of a device that stored something, as a plain list."""
        device = device_for(request.user, slug, staff=is_staff_request(request))
        return Response(_render(selectors.acknowledged_streamers_of_device(device)))


def _render(streamers: Sequence[Streamer] | QuerySet[Streamer]) -> Any:
    return serializers.StreamerOutput(selectors.with_progress(streamers), many=True).data
