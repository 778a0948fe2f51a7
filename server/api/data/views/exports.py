"""Tables of readings as files: streamed, so that a million rows take no more memory than a thousand."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import frames, paging, rows
from server.api.callers import IsReaderOrAuthor, reader_of
from server.api.data.serializers import readings as serializers
from server.apps.accounts.models import Account
from server.apps.streams import selectors
from server.core.rest.parsing import parsed_query
from server.core.rest.renderers import CsvRenderer, MessagePackRenderer, TextRenderer
from server.core.rest.views import ReadView

_WRITERS: Final[dict[str, tuple[str, Callable[[frames.Table], Iterator[bytes]]]]] = {
    "csv": ("text/csv", frames.as_csv),
    "txt": ("text/plain", frames.as_csv),
    "json": ("application/json", frames.as_json),
    "msgpack": ("application/msgpack", frames.as_msgpack),
}


class Frame(ReadView):
    permission_classes = (IsReaderOrAuthor,)
    renderer_classes = (JSONRenderer, CsvRenderer, TextRenderer, MessagePackRenderer)

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
        """Readings as a table, ascending by time, of any length: columns `row` (the time), `value`, `stream_slug`.

        `pivot`: a column for each stream; several readings of a stream at one time get a row each. `stats`: the numbers that
        describe each stream instead. In MessagePack a map for each row, one after the other.
        """
        asked = parsed_query(serializers.FrameInput, request)
        selection = paging.selected(reader_of(request), asked)
        options = frames.Options(extended=asked["extended"], in_output_unit=asked["apply_mdo"])
        form = request.accepted_renderer.format
        if asked["stats"]:
            return _spread(selection, options, form)
        kind, write = _WRITERS[form]
        chunks = selectors.every_reading(selection, lastn=asked["lastn"])
        if asked["pivot"]:
            kept = selectors.with_readings(selection)
            streams = sorted(kept.streams, key=lambda stream: stream.slug)
            table = frames.pivot_table(streams, chunks, replace(options, extended=False))
        else:
            table = frames.long_table(selection.streams, chunks, options)
        return StreamingHttpResponse(write(table), content_type=kind)


def _spread(selection: selectors.Selection, options: frames.Options, form: str) -> HttpResponseBase:
    described = frames.spread_rows(selection.streams, selectors.spread_of(selection), options)
    if form in {"csv", "txt"}:
        return HttpResponse(b"".join(frames.rows_as_csv(described)), content_type=_WRITERS[form][0])
    return Response(described)


class StreamCsv(ReadView):
    permission_classes = (IsReaderOrAuthor,)
    renderer_classes = (CsvRenderer, JSONRenderer)

    @extend_schema(parameters=[serializers.RangeInput], responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """One stream's readings as a file: `Timestamp,Value`, local times and the output unit; what its mask hides is left out."""
        asked = parsed_query(serializers.RangeInput, request)
        stream = selectors.data_stream_for(reader_of(request), slug)
        selection = selectors.selection_of([stream], paging.asked_bounds(asked, masked=True))
        chunks = selectors.every_batch(selection, lastn=asked["lastn"])
        response = StreamingHttpResponse(
            frames.stream_csv(stream, chunks, _zone_of(request)), content_type="text/csv"
        )
        response["Content-Disposition"] = f'attachment; filename="{stream.slug}.csv"'
        return response


def _zone_of(request: Request) -> ZoneInfo:
    user = request.user
    return ZoneInfo(user.time_zone if isinstance(user, Account) else "UTC")


class StreamTable(ReadView):
    permission_classes = (IsReaderOrAuthor,)

    @extend_schema(parameters=[serializers.TableInput], responses=serializers.TableOutput)
    def get(self, request: Request, slug: str) -> Response:
        """A stream's readings for DataTables, the newest first: time, reading id, raw word, value, value in the output unit."""
        asked = parsed_query(serializers.TableInput, request)
        stream = selectors.data_stream_for(reader_of(request), slug)
        found, total = selectors.newest_readings(_whole(stream), offset=asked["start"], limit=asked["length"])
        return _table(asked, total, rows.table_cells(stream, found))


class StreamEventTable(ReadView):
    permission_classes = (IsReaderOrAuthor,)

    @extend_schema(parameters=[serializers.TableInput], responses=serializers.TableOutput)
    def get(self, request: Request, slug: str) -> Response:
        """A stream's events for DataTables, the newest first: time, reading id, summary, whether there is a large part."""
        asked = parsed_query(serializers.TableInput, request)
        stream = selectors.data_stream_for(reader_of(request), slug)
        found, total = selectors.newest_events(_whole(stream), offset=asked["start"], limit=asked["length"])
        return _table(asked, total, rows.event_cells(found))


def _whole(stream: selectors.DataStream) -> selectors.Selection:
    return selectors.selection_of([stream], selectors.Asked(masked=True))


def _table(asked: dict[str, Any], total: int, cells: list[list[str]]) -> Response:
    return Response({"draw": asked["draw"], "recordsTotal": total, "recordsFiltered": total, "data": cells})
