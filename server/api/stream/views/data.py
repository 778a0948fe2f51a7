"""The readings of one stream. A hot path: docs/hotpaths.md has its budget."""

from dataclasses import asdict
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import paging, rows
from server.api.callers import IsReaderOrAuthor, reader_of
from server.api.data.serializers import readings
from server.api.data.serializers import rows as documented
from server.api.stream.serializers import data as serializers
from server.apps.streams.selectors.aggregates import FUNCTIONS as AGGREGATE_FUNCTIONS
from server.apps.streams.selectors.aggregates import AggregateQuery, aggregate_of, stats_of
from server.apps.streams.selectors.readings import data_stream_for
from server.apps.streams.selectors.selections import selection_of
from server.core.rest.parsing import parsed_query
from server.core.rest.renderers import json_response
from server.core.rest.views import ReadView


class StreamData(ReadView):
    permission_classes = (IsReaderOrAuthor,)

    @extend_schema(parameters=[serializers.StreamDataInput], responses=documented.StreamPage)
    def get(self, request: Request, slug: str) -> HttpResponse:
        """One stream's readings within its mask, ascending by time."""
        query = parsed_query(serializers.StreamDataInput, request)
        stream = data_stream_for(reader_of(request), slug)
        selection = selection_of([stream], paging.bounds_from_query(query, masked=True))
        found, count, neighbors = paging.readings_page(request, query, selection)
        return json_response(
            rows.page(rows.stream_rows(stream, found), count=count, neighbor_pages=neighbors)
        )


class StreamStats(ReadView):
    permission_classes = (IsReaderOrAuthor,)

    @extend_schema(parameters=[readings.RangeInput], responses=serializers.StatsOutput)
    def get(self, request: Request, slug: str) -> Response:
        """Statistics of a stream's readings, in its output unit."""
        query = parsed_query(readings.RangeInput, request)
        stream = data_stream_for(reader_of(request), slug)
        return Response(serializers.StatsOutput(asdict(stats_of(stream, **query))).data)


class StreamAggregate(ReadView):
    permission_classes = (IsReaderOrAuthor,)

    @extend_schema(parameters=[serializers.AggregateInput], responses=serializers.AggregateOutput)
    def get(self, request: Request, slug: str) -> HttpResponse:
        """Readings aggregated by buckets of the calendar of a time zone: a day of a clock change
        has 23 or 25 hours, a week begins on Monday.

        Buckets without readings are left out; the first begins and the last ends where the range
        does. At most 20,000 buckets.
        """
        query = parsed_query(serializers.AggregateInput, request)
        stream = data_stream_for(reader_of(request), slug)
        found = aggregate_of(
            stream,
            AggregateQuery(
                bucket=query["bucket"],
                zone=query["tz"] or ZoneInfo("UTC"),
                functions=query["fn"] or AGGREGATE_FUNCTIONS,
                start=query["start"],
                end=query["end"],
                in_output_unit=query["unit"] == "output",
            ),
        )
        return json_response(rows.aggregates(stream, found, named=query["unit"] == "output"))
