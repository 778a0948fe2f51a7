"""Readings of several streams, as rows and as tables. A hot path: docs/hotpaths.md has its budget.
Tables are streamed, so that a million rows take no more memory than a thousand."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import paging, rows
from server.api.callers import IsReaderOrAuthor, author_of, reader_of
from server.api.data.serializers import readings as serializers
from server.api.data.serializers import rows as documented
from server.apps.accounts.selectors.accounts import is_staff_request
from server.apps.streams.selectors.readings import DataStream
from server.apps.streams.selectors.selections import (
    Selection,
    all_readings,
    summaries_of,
    without_empty_streams,
)
from server.apps.streams.services.posting import MOST_AT_ONCE as MOST_READINGS_AT_ONCE
from server.apps.streams.services.posting import NewReading, store_posted_readings
from server.core.rest.bodies import DATA_BODY_BYTES
from server.core.rest.parsing import body_of, parsed_each, parsed_query
from server.core.rest.renderers import CsvRenderer, MessagePackRenderer, TextRenderer, json_response
from server.core.rest.views import ReadView
from server.lib.tables import (
    Table,
    TableOptions,
    csv_form,
    json_form,
    long_table,
    msgpack_form,
    pivot_table,
    summary_rows,
)
from server.lib.timeseries import TimeStatus

_MOST = MOST_READINGS_AT_ONCE

_WRITERS: Final[dict[str, tuple[str, Callable[[Table], Iterator[bytes]]]]] = {
    "csv": ("text/csv", csv_form.write),
    "txt": ("text/plain", csv_form.write),
    "json": ("application/json", json_form.write),
    "msgpack": ("application/msgpack", msgpack_form.write),
}


class Data(ReadView):
    max_body_bytes = DATA_BODY_BYTES
    permission_classes = (IsReaderOrAuthor,)

    @extend_schema(parameters=[serializers.DataInput], responses=documented.DataPage)
    def get(self, request: Request) -> HttpResponse:
        """Readings of a stream, or of all streams of a device, archive, variable or alias,
        ascending by time."""
        query = parsed_query(serializers.DataInput, request)
        selection = paging.selection_from_query(reader_of(request), query)
        found, count, neighbors = paging.readings_page(request, query, selection)
        return json_response(
            rows.page(rows.data_rows(selection.streams, found), count=count, neighbor_pages=neighbors)
        )

    @extend_schema(
        request=PolymorphicProxySerializer(
            "OneOrManyReadings",
            [serializers.ReadingInput, serializers.ReadingInput(many=True)],
            resource_type_field_name=None,
            many=False,
        ),
        responses={
            201: PolymorphicProxySerializer(
                "StoredReadings",
                [documented.DataRow, serializers.CountOutput],
                resource_type_field_name=None,
                many=False,
            )
        },
    )
    def post(self, request: Request) -> HttpResponse:
        """Store one reading, or a list of at most 10,000 of them: all or nothing.

        `int_value` is processed like a raw word of a device. `value` is kept as the raw word that
        is read back as it, and refused if there is none; with type ITR it is stored unchanged,
        without a word. The answer to one reading is its row, to a list how many were stored.
        """
        body = body_of(request)
        if isinstance(body, list) and len(body) > _MOST:
            raise ValidationError({"non_field_errors": [f"At most {_MOST} readings can be posted at once."]})
        readings = [_new_reading(fields) for fields in parsed_each(serializers.ReadingInput, request)]
        stored = store_posted_readings(readings, by=author_of(request), staff=is_staff_request(request))
        if isinstance(body, list):
            return Response({"count": len(stored)}, status=status.HTTP_201_CREATED)
        stream = DataStream(stored[0].stream_key, str(readings[0].stream), 0, None)
        return json_response(rows.data_rows([stream], stored)[0].encode(), status=status.HTTP_201_CREATED)


def _new_reading(fields: dict[str, Any]) -> NewReading:
    return NewReading(
        stream=fields["stream"],
        timestamp=fields["timestamp"] or timezone.now(),
        int_value=fields["int_value"],
        value=fields["value"],
        reading_id=fields["streamer_local_id"],
        raw_time=fields["device_timestamp"],
        status=TimeStatus[fields["status"].upper()],
        as_word=fields["as_word"],
    )


class Frame(ReadView):
    permission_classes = (IsReaderOrAuthor,)
    # The first is what a caller without preferences gets.
    renderer_classes = (CsvRenderer, JSONRenderer, TextRenderer, MessagePackRenderer)

    @extend_schema(
        parameters=[
            serializers.FrameInput,
            OpenApiParameter("format", OpenApiTypes.STR, enum=tuple(_WRITERS)),
        ],
        responses={
            (200, "application/json"): OpenApiTypes.ANY,
            (200, "text/csv"): OpenApiTypes.STR,
            (200, "text/plain"): OpenApiTypes.STR,
            (200, "application/msgpack"): OpenApiTypes.BINARY,
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Readings as a table of any length, ascending by time: columns `row` (the time), `value`,
        `stream_slug`. CSV unless the caller wants another format.

        Of a system stream that only reports made the column is `int_value`, the raw word.

        `pivot`: one column per stream; several readings of a stream at the same time get a row
        each. `stats`: statistics of each stream instead of readings. In MessagePack one map per
        row, one after the other.
        """
        query = parsed_query(serializers.FrameInput, request)
        selection = paging.selection_from_query(reader_of(request), query)
        options = TableOptions(extended=query["extended"], in_output_unit=query["apply_mdo"])
        form = request.accepted_renderer.format
        if query["stats"]:
            return _stats_response(selection, options, form)
        kind, write = _WRITERS[form]
        chunks = all_readings(selection, lastn=query["lastn"])
        if query["pivot"]:
            selected = without_empty_streams(selection)
            streams = sorted(selected.streams, key=lambda stream: stream.slug)
            table = pivot_table(streams, chunks, replace(options, extended=False))
        else:
            undeclared = bool(selection.streams) and not any(each.declared for each in selection.streams)
            table = long_table(selection.streams, chunks, replace(options, raw=undeclared))
        return StreamingHttpResponse(write(table), content_type=kind)


def _stats_response(selection: Selection, options: TableOptions, form: str) -> HttpResponseBase:
    described = summary_rows(selection.streams, summaries_of(selection), options)
    if form in {"csv", "txt"}:
        return HttpResponse(b"".join(csv_form.write_rows(described)), content_type=_WRITERS[form][0])
    return Response(described)
