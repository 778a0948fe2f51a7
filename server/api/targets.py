"""What the views of properties, notes, locations and configuration share: a query or body names
their target."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from server.apps.accounts.selectors.accounts import is_staff_request
from server.apps.streams.selectors.targets import Target, TargetKind, target_for
from server.core.rest.views import ReadView

Row = TypeVar("Row", bound=Model)

MOST_AT_ONCE = 1000


class ListView(ReadView, GenericAPIView[Row]):
    """A paginated list whose rows depend on the query. Its GET calls `page`."""

    filter_backends = ()

    def page(self, rows: QuerySet[Row], serializer: type[Serializer[Any]]) -> Response:
        page = self.paginate_queryset(rows)
        written = serializer(page, many=True, context=self.get_serializer_context())
        return self.get_paginated_response(written.data)


def requested_target(request: Request, slug: str, kinds: frozenset[TargetKind]) -> Target:
    """The gate to the target that a query or a body names."""
    return target_for(request.user, slug, kinds=kinds, staff=is_staff_request(request))


def targets_of(
    request: Request, rows: list[dict[str, Any]], kinds: frozenset[TargetKind]
) -> dict[str, Target]:
    """Returns the targets by slug, each looked up once. Raises ValidationError for more than
    MOST_AT_ONCE rows."""
    if len(rows) > MOST_AT_ONCE:
        raise ValidationError({"detail": f"At most {MOST_AT_ONCE} at once."})
    return {slug: requested_target(request, slug, kinds) for slug in {row["target"] for row in rows}}
