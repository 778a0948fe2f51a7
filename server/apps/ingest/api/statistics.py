"""How much there is on this installation: for those who run it."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from server.apps.ingest.selectors import count_everything
from server.core.rest.parsing import parsed_query
from server.core.rest.permissions import Staff
from server.core.rest.views import ReadView


class DaysInput(serializers.Serializer[Any]):
    days = serializers.IntegerField(
        required=False, min_value=1, max_value=36_500, help_text="Only what is as new as that."
    )


class StatisticsOutput(serializers.Serializer[Any]):
    now = serializers.DateTimeField()
    days = serializers.IntegerField(allow_null=True)
    stats = serializers.DictField(
        child=serializers.IntegerField(), help_text="Users, Orgs, Projects, ActiveDevices and so on."
    )


class Statistics(ReadView):
    permission_classes = (Staff,)

    @extend_schema(parameters=[DaysInput], responses=StatisticsOutput)
    def get(self, request: Request) -> Response:
        """How much there is of everything on this installation. Staff only."""
        days = parsed_query(DaysInput, request).get("days")
        now = timezone.now()
        since = now - timedelta(days=days) if days is not None else None
        found = {"now": now, "days": days, "stats": count_everything(since=since)}
        return Response(StatisticsOutput(found).data)
