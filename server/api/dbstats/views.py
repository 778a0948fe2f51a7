"""Statistics of this installation, for its staff."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from server.api.dbstats.serializers import DaysInput, StatisticsOutput
from server.apps.ingest.selectors import count_everything
from server.core.daily_counts import daily_counts
from server.core.rest.parsing import parsed_query
from server.core.rest.permissions import Staff
from server.core.rest.views import ReadView


class Statistics(ReadView):
    permission_classes = (Staff,)

    @extend_schema(parameters=[DaysInput], responses=StatisticsOutput)
    def get(self, request: Request) -> Response:
        """How much there is of everything on this installation. Staff only."""
        query = parsed_query(DaysInput, request)
        days, now = query.get("days"), timezone.now()
        since = now - timedelta(days=days) if days is not None else None
        history = _history(query["history"], now) if "history" in query else []
        found = {"now": now, "days": days, "stats": count_everything(since=since), "history": history}
        return Response(StatisticsOutput(found).data)


def _history(days: int, now: datetime) -> list[dict[str, Any]]:
    by_day: dict[date, dict[str, int]] = {}
    for each in daily_counts(since=now.astimezone(UTC).date() - timedelta(days=days)):
        by_day.setdefault(each.day, {})[each.name] = each.count
    return [{"day": day, "stats": counts} for day, counts in by_day.items()]
