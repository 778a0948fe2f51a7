"""Reading, creating, changing and removing streams. `data` has their readings."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import filters
from server.api.references import named_device, named_variable
from server.api.staff import STAFF, require_staff_asking
from server.api.stream.serializers import streams as serializers
from server.apps.accounts.selectors.accounts import actor_of, is_staff_request
from server.apps.streams.models import StreamId
from server.apps.streams.selectors.data import readable_streams_of, stream_for, streams_of
from server.apps.streams.services.editing import add_stream, change_stream, delete_stream
from server.core.rest.pagination import SuperLargePages
from server.core.rest.parsing import parsed
from server.core.rest.views import ReadViewSet


class Streams(ReadViewSet[StreamId]):
    """The streams of your organisations."""

    serializer_class = serializers.StreamOutput
    pagination_class = SuperLargePages
    filterset_class = filters.StreamFilters

    def get_queryset(self) -> QuerySet[StreamId]:
        return streams_of(self.request.user, staff=is_staff_request(self.request)).order_by("slug")

    @extend_schema(parameters=[STAFF])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The streams of your organisations, by slug; only live, enabled ones unless
        filters include more."""
        streams = self.filter_queryset(self.get_queryset())
        page = self.paginate_queryset(serializers.stream_columns(streams))
        return self.get_paginated_response(serializers.stream_rows(page or ()))

    @extend_schema(
        parameters=[STAFF], request=serializers.NewStreamInput, responses={201: serializers.StreamOutput}
    )
    def create(self, request: Request) -> Response:
        """Create a stream: of a device in the variable's project, or without a device a virtual
        stream of the project."""
        by, data = actor_of(request), parsed(serializers.NewStreamInput, request)
        variable = named_variable(request, data.pop("variable"))
        slug = data.pop("device", None)
        device = named_device(request, slug) if slug else None
        stream = add_stream(
            variable=variable, device=device, by=by, changes=data, staff=is_staff_request(request)
        )
        return Response(serializers.StreamOutput(stream).data, status=status.HTTP_201_CREATED)


class OneStream(ReadViewSet[StreamId]):
    """A stream, by any form of its slug."""

    serializer_class = serializers.StreamOutput

    def get_queryset(self) -> QuerySet[StreamId]:
        return readable_streams_of(self.request.user, staff=is_staff_request(self.request))

    def get_object(self) -> StreamId:
        staff = is_staff_request(self.request)
        return stream_for(self.request.user, self.kwargs["slug"], staff=staff)

    @extend_schema(parameters=[STAFF])
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A stream of your organisations, by any form of its slug."""
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(parameters=[STAFF], request=serializers.StreamInput)
    def update(self, request: Request, slug: str) -> Response:
        """Change a stream. Missing fields and stored values stay as they are; a note about the
        stream records what changed."""
        return self._change(request)

    @extend_schema(parameters=[STAFF], request=serializers.StreamInput)
    def partial_update(self, request: Request, slug: str) -> Response:
        """Same as PUT."""
        return self._change(request)

    def _change(self, request: Request) -> Response:
        stream, by = self.get_object(), actor_of(request)
        changes = parsed(serializers.StreamInput, request, partial=True)
        change_stream(stream=stream, by=by, changes=changes, staff=is_staff_request(request))
        return Response(serializers.StreamOutput(stream).data)

    @extend_schema(parameters=[STAFF], responses={204: None})
    def destroy(self, request: Request, slug: str) -> Response:
        """Remove a stream with its data. For staff with `?staff=1`."""
        require_staff_asking(request)
        delete_stream(stream=self.get_object(), by=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
