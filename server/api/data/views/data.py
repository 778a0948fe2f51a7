"""Reading and posting rows of data. A hot path: docs/hotpaths.md has its budget."""

from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import paging, rows
from server.api.callers import IsReaderOrAuthor, author_of, reader_of
from server.api.data.serializers import readings as serializers
from server.api.data.serializers import rows as documented
from server.apps.accounts.selectors import is_staff_asking
from server.apps.streams import selectors, services
from server.core.rest.parsing import body_of, parsed_each, parsed_query
from server.core.rest.views import ReadView
from server.lib.timeseries import TimeStatus

_MOST = services.MOST_READINGS_AT_ONCE


class StreamData(ReadView):
    permission_classes = (IsReaderOrAuthor,)

    @extend_schema(parameters=[serializers.StreamDataInput], responses=documented.StreamPage)
    def get(self, request: Request, slug: str) -> HttpResponse:
        """One stream's readings, ascending by time; what its mask hides is left out."""
        asked = parsed_query(serializers.StreamDataInput, request)
        stream = selectors.data_stream_for(reader_of(request), slug)
        selection = selectors.selection_of([stream], paging.asked_bounds(asked, masked=True))
        found, count, beside = _page(request, asked, selection)
        return _json(rows.page(rows.stream_rows(stream, found), count=count, neighbours=beside))


class Data(ReadView):
    permission_classes = (IsReaderOrAuthor,)

    @extend_schema(parameters=[serializers.DataInput], responses=documented.DataPage)
    def get(self, request: Request) -> HttpResponse:
        """Readings of a stream, or of all streams of a device, archive, variable or alias, ascending by time."""
        asked = parsed_query(serializers.DataInput, request)
        selection = paging.selected(reader_of(request), asked)
        found, count, beside = _page(request, asked, selection)
        return _json(rows.page(rows.data_rows(selection.streams, found), count=count, neighbours=beside))

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

        `int_value` goes the way of a device's raw word; `value` with type ITR is stored as it is. The answer to one reading is
        its row, to a list how many were stored.
        """
        body = body_of(request)
        if isinstance(body, list) and len(body) > _MOST:
            raise ValidationError({"non_field_errors": [f"At most {_MOST} readings can be posted at once."]})
        readings = [_new_reading(fields) for fields in parsed_each(serializers.ReadingInput, request)]
        stored = services.store_posted_readings(
            readings, by=author_of(request), staff=is_staff_asking(request)
        )
        if isinstance(body, list):
            return Response({"count": len(stored)}, status=status.HTTP_201_CREATED)
        stream = selectors.DataStream(stored[0].stream_key, str(readings[0].stream), 0, None)
        return _json(rows.data_rows([stream], stored)[0].encode(), status=status.HTTP_201_CREATED)


def _new_reading(fields: dict[str, Any]) -> services.NewReading:
    return services.NewReading(
        stream=fields["stream"],
        timestamp=fields["timestamp"] or timezone.now(),
        int_value=fields["int_value"],
        value=fields["value"],
        seq=fields["streamer_local_id"],
        device_ts=fields["device_timestamp"],
        status=TimeStatus[fields["status"].upper()],
    )


def _page(
    request: Request, asked: dict[str, Any], selection: selectors.Selection
) -> tuple[Any, int | None, rows.Neighbours]:
    return paging.paged(
        request,
        asked,
        by_number=lambda window: selectors.window_of_selected(selection, window),
        by_cursor=lambda after, limit: selectors.readings_after(selection, after, limit=limit),
    )


def _json(body: bytes, *, status: int = 200) -> HttpResponse:
    return HttpResponse(body, content_type="application/json", status=status)


class StreamStats(ReadView):
    permission_classes = (IsReaderOrAuthor,)

    @extend_schema(parameters=[serializers.RangeInput], responses=serializers.StatsOutput)
    def get(self, request: Request, slug: str) -> Response:
        """What a stream's readings sum up to, in its output unit."""
        asked = parsed_query(serializers.RangeInput, request)
        stream = selectors.data_stream_for(reader_of(request), slug)
        return Response(serializers.StatsOutput(asdict(selectors.stats_of(stream, **asked))).data)


class StreamAggregate(ReadView):
    permission_classes = (IsReaderOrAuthor,)

    @extend_schema(parameters=[serializers.AggregateInput], responses=serializers.AggregateOutput)
    def get(self, request: Request, slug: str) -> HttpResponse:
        """Readings summed up by stretches of the calendar of a time zone: a day of a clock change has 23 or 25 hours, a week
        begins on Monday.

        Stretches without readings are left out; the first and the last one end where the range does. At most 20,000.
        """
        asked = parsed_query(serializers.AggregateInput, request)
        stream = selectors.data_stream_for(reader_of(request), slug)
        found = selectors.aggregate_of(
            stream,
            selectors.Buckets(
                bucket=asked["bucket"],
                zone=asked["tz"] or ZoneInfo("UTC"),
                functions=asked["fn"] or selectors.AGGREGATE_FUNCTIONS,
                start=asked["start"],
                end=asked["end"],
                in_output_unit=asked["unit"] == "output",
            ),
        )
        return _json(rows.aggregates(stream, found, named=asked["unit"] == "output"))
