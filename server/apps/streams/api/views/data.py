"""Reading variables, streams and their data. The data is a hot path: docs/hotpaths.md has its budget."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from server.apps.streams import selectors
from server.apps.streams.api import filters, rows
from server.apps.streams.api.serializers import data as serializers
from server.apps.streams.models import StreamId, StreamVariable
from server.core.rest.pagination import LargePages, SuperLargePages
from server.core.rest.parsing import parsed_query
from server.core.rest.views import ReadView, ReadViewSet
from server.lib.slugs import SlugError


class Variables(ReadViewSet[StreamVariable]):
    """The variables of one's organisations, and those that belong to everybody."""

    serializer_class = serializers.VariableOutput
    pagination_class = LargePages
    filterset_class = filters.VariableFilters

    def get_queryset(self) -> QuerySet[StreamVariable]:
        return selectors.variables_of(self.request.user)

    def get_object(self) -> StreamVariable:
        return selectors.variable_for(self.request.user, self.kwargs["slug"])


class Streams(ReadViewSet[StreamId]):
    """The streams of one's organisations, by any form of their slugs."""

    serializer_class = serializers.StreamOutput
    pagination_class = SuperLargePages
    filterset_class = filters.StreamFilters

    def get_queryset(self) -> QuerySet[StreamId]:
        return selectors.streams_of(self.request.user)

    def get_object(self) -> StreamId:
        return selectors.stream_for(self.request.user, self.kwargs["slug"])


class StreamData(ReadView):
    @extend_schema(parameters=[serializers.StreamDataInput], responses=serializers.StreamPage)
    def get(self, request: Request, slug: str) -> HttpResponse:
        """One stream's readings, ascending by time."""
        window = selectors.Window(**parsed_query(serializers.StreamDataInput, request))
        stream = selectors.data_stream_for(request.user, slug)
        readings, count = selectors.window_of_readings([stream], window)
        return _page(request, window, rows.stream_rows(stream, readings), count)


class Data(ReadView):
    @extend_schema(parameters=[serializers.DataInput], responses=serializers.DataPage)
    def get(self, request: Request) -> HttpResponse:
        """Readings of a stream, or of all streams of a device or a variable, ascending by time."""
        asked: dict[str, Any] = parsed_query(serializers.DataInput, request)
        streams = _streams_matching(request, asked.pop("filter"))
        window = selectors.Window(**asked)
        readings, count = selectors.window_of_readings(streams, window)
        return _page(request, window, rows.data_rows(streams, readings), count)


def _streams_matching(request: Request, slug: str) -> list[selectors.DataStream]:
    try:
        return selectors.data_streams_matching(request.user, slug)
    except SlugError as error:
        raise ValidationError({"filter": [str(error)]}) from error


def _page(request: Request, window: selectors.Window, written: list[str], count: int) -> HttpResponse:
    more = window.page * window.page_size < count
    neighbours = rows.Neighbours(
        next=_address(request, window.page + 1) if more else None,
        previous=_address(request, window.page - 1) if window.page > 1 else None,
    )
    return HttpResponse(
        rows.page(written, count=count, neighbours=neighbours), content_type="application/json"
    )


def _address(request: Request, page: int) -> str:
    query = request.query_params.copy()
    query["page"] = str(page)
    return f"{request.build_absolute_uri(request.path)}?{query.urlencode()}"
