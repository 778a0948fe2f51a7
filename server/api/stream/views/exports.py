"""The data of one stream as a streamed CSV file, and as tables for DataTables."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import paging, rows
from server.api.callers import IsReaderOrAuthor, reader_of
from server.api.data.serializers import readings as serializers
from server.api.datatables import ORDER, OTHER_PARAMETERS, TableInput, TableOutput, is_oldest_first
from server.apps.accounts.models import Account
from server.apps.streams.selectors.readings import DataStream, data_stream_for
from server.apps.streams.selectors.selections import (
    Bounds,
    Selection,
    all_batches,
    events_of_table,
    readings_of_table,
    selection_of,
)
from server.core.rest.parsing import parsed_query
from server.core.rest.renderers import CsvRenderer
from server.core.rest.views import ReadView
from server.lib.tables import csv_form


class StreamCsv(ReadView):
    permission_classes = (IsReaderOrAuthor,)
    renderer_classes = (CsvRenderer, JSONRenderer)

    @extend_schema(parameters=[serializers.RangeInput], responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """One stream's readings within its mask as a file: `Timestamp,Value`, in local time and the
        output unit."""
        query = parsed_query(serializers.RangeInput, request)
        stream = data_stream_for(reader_of(request), slug)
        selection = selection_of([stream], paging.bounds_from_query(query, masked=True))
        chunks = all_batches(selection, lastn=query["lastn"])
        zone = ZoneInfo(request.user.time_zone if isinstance(request.user, Account) else "UTC")
        response = StreamingHttpResponse(
            csv_form.write_points(chunks, stream.output, zone), content_type="text/csv"
        )
        response["Content-Disposition"] = f'attachment; filename="{stream.slug}.csv"'
        return response


class StreamTable(ReadView):
    permission_classes = (IsReaderOrAuthor,)
    other_parameters = OTHER_PARAMETERS

    @extend_schema(parameters=[TableInput, *ORDER], responses=TableOutput)
    def get(self, request: Request, slug: str) -> Response:
        """A stream's readings for DataTables, the newest first unless asked otherwise: time,
        reading id, raw word, value, value in the output unit."""
        query = parsed_query(TableInput, request)
        stream = data_stream_for(reader_of(request), slug)
        oldest_first = is_oldest_first(request.query_params)
        found, total = readings_of_table(
            _whole(stream), offset=query["start"], limit=query["length"], oldest_first=oldest_first
        )
        return _table(query, total, rows.table_cells(stream, found))


class StreamEventTable(ReadView):
    permission_classes = (IsReaderOrAuthor,)
    other_parameters = OTHER_PARAMETERS

    @extend_schema(parameters=[TableInput, *ORDER], responses=TableOutput)
    def get(self, request: Request, slug: str) -> Response:
        """A stream's events for DataTables, the newest first unless asked otherwise: time, reading
        id, summary, whether there is a large part."""
        query = parsed_query(TableInput, request)
        stream = data_stream_for(reader_of(request), slug)
        oldest_first = is_oldest_first(request.query_params)
        found, total = events_of_table(
            _whole(stream), offset=query["start"], limit=query["length"], oldest_first=oldest_first
        )
        return _table(query, total, rows.event_cells(found))


def _whole(stream: DataStream) -> Selection:
    return selection_of([stream], Bounds(masked=True))


def _table(query: dict[str, Any], total: int, cells: list[list[str]]) -> Response:
    return Response({"draw": query["draw"], "recordsTotal": total, "recordsFiltered": total, "data": cells})
