"""Stream aliases and their taps."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from server.api import filters
from server.api.alias import serializers
from server.api.references import named_alias, named_org
from server.api.staff import STAFF
from server.apps.accounts.selectors.accounts import actor_of, is_staff_request
from server.apps.streams.models import StreamAlias, StreamAliasTap
from server.apps.streams.selectors.aliases import alias_for, aliases_of, tap_for, taps_of
from server.apps.streams.services.aliases import (
    add_tap,
    change_alias,
    change_tap,
    create_alias,
    delete_alias,
    delete_tap,
)
from server.core.errors import Invalid
from server.core.rest.parsing import parsed
from server.core.rest.views import ReadViewSet


class Aliases(ReadViewSet[StreamAlias]):
    """Stream aliases of your organisations."""

    serializer_class = serializers.AliasOutput
    filterset_class = filters.AliasFilters

    def get_queryset(self) -> QuerySet[StreamAlias]:
        return aliases_of(self.request.user, staff=is_staff_request(self.request))

    @extend_schema(parameters=[STAFF])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The stream aliases of your organisations: each is one name for what several streams
        measured, one after the other."""
        return super().list(request, *args, **kwargs)

    @extend_schema(
        parameters=[STAFF], request=serializers.AliasInput, responses={201: serializers.AliasOutput}
    )
    def create(self, request: Request) -> Response:
        """Create an alias. Its taps define which stream it is, and from when."""
        by, data = actor_of(request), parsed(serializers.AliasInput, request)
        org = named_org(request, data["org"])
        made = create_alias(name=data["name"], org=org, by=by, staff=is_staff_request(request))
        return Response(serializers.AliasOutput(made).data, status=status.HTTP_201_CREATED)


def _alias(request: Request, slug: str) -> StreamAlias:
    return alias_for(request.user, slug, staff=is_staff_request(request))


class OneAlias(APIView):
    @extend_schema(parameters=[STAFF], responses=serializers.AliasOutput)
    def get(self, request: Request, slug: str) -> Response:
        """An alias."""
        return Response(serializers.AliasOutput(_alias(request, slug)).data)

    @extend_schema(parameters=[STAFF], request=serializers.AliasInput, responses=serializers.AliasOutput)
    def put(self, request: Request, slug: str) -> Response:
        """Rename an alias."""
        return self._change(request, slug, partial=False)

    @extend_schema(parameters=[STAFF], request=serializers.AliasInput, responses=serializers.AliasOutput)
    def patch(self, request: Request, slug: str) -> Response:
        """Same as PUT, with nothing required."""
        return self._change(request, slug, partial=True)

    def _change(self, request: Request, slug: str, *, partial: bool) -> Response:
        alias, by = _alias(request, slug), actor_of(request)
        data = parsed(serializers.AliasInput, request, partial=partial)
        if data.get("org", alias.org.slug) != alias.org.slug:
            raise Invalid("An alias stays in its organisation.", field="org")
        name = data.get("name", alias.name)
        change_alias(alias=alias, name=name, by=by, staff=is_staff_request(request))
        return Response(serializers.AliasOutput(alias).data)

    @extend_schema(parameters=[STAFF], responses={204: None})
    def delete(self, request: Request, slug: str) -> Response:
        """Remove an alias with its taps. The streams and their data stay."""
        delete_alias(alias=_alias(request, slug), by=actor_of(request), staff=is_staff_request(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Taps(ReadViewSet[StreamAliasTap]):
    """Which stream the aliases of your organisations are, and from when."""

    serializer_class = serializers.TapOutput
    filterset_class = filters.TapFilters

    def get_queryset(self) -> QuerySet[StreamAliasTap]:
        return taps_of(self.request.user, staff=is_staff_request(self.request))

    @extend_schema(parameters=[STAFF])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Which stream the aliases of your organisations are, and from when; by alias and time."""
        return super().list(request, *args, **kwargs)

    @extend_schema(parameters=[STAFF], request=serializers.TapInput, responses={201: serializers.TapOutput})
    def create(self, request: Request) -> Response:
        """Create a tap: from its time on the alias is its stream, until the next tap."""
        by, data = actor_of(request), parsed(serializers.TapInput, request)
        alias = named_alias(request, data["alias"])
        made = add_tap(
            alias=alias,
            timestamp=data["timestamp"],
            stream=data["stream"],
            by=by,
            staff=is_staff_request(request),
        )
        return Response(serializers.TapOutput(made).data, status=status.HTTP_201_CREATED)


def _tap(request: Request, pk: str) -> StreamAliasTap:
    return tap_for(request.user, pk, staff=is_staff_request(request))


class OneTap(APIView):
    @extend_schema(parameters=[STAFF], responses=serializers.TapOutput)
    def get(self, request: Request, pk: str) -> Response:
        """A tap."""
        return Response(serializers.TapOutput(_tap(request, pk)).data)

    @extend_schema(parameters=[STAFF], request=serializers.TapInput, responses=serializers.TapOutput)
    def put(self, request: Request, pk: str) -> Response:
        """Change time and stream of a tap."""
        return self._change(request, pk, partial=False)

    @extend_schema(parameters=[STAFF], request=serializers.TapInput, responses=serializers.TapOutput)
    def patch(self, request: Request, pk: str) -> Response:
        """Change the given fields of a tap."""
        return self._change(request, pk, partial=True)

    def _change(self, request: Request, pk: str, *, partial: bool) -> Response:
        tap, by = _tap(request, pk), actor_of(request)
        data = parsed(serializers.TapInput, request, partial=partial)
        if data.pop("alias", tap.alias.slug) != tap.alias.slug:
            raise Invalid("A tap stays at its alias.", field="alias")
        change_tap(tap=tap, by=by, staff=is_staff_request(request), **data)
        return Response(serializers.TapOutput(tap).data)

    @extend_schema(parameters=[STAFF], responses={204: None})
    def delete(self, request: Request, pk: str) -> Response:
        """Remove a tap; the one before it then applies."""
        delete_tap(tap=_tap(request, pk), by=actor_of(request), staff=is_staff_request(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
