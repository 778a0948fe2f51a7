"""The feed of changes."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from server.api.changes import serializers
from server.apps.accounts.models import Account, Org
from server.apps.accounts.selectors.accounts import actor_of, is_staff_request, may, org_for, require
from server.apps.activity.models import Change
from server.apps.activity.selectors.changes import changes_after
from server.core.errors import NotFound
from server.core.rest.parsing import parsed_query
from server.core.rest.views import ReadView


class Changes(ReadView):
    @extend_schema(parameters=[serializers.ChangesQuery], responses=serializers.ChangesOutput)
    def get(self, request: Request) -> Response:
        """What changed in an organisation, in order. Ask again with the `cursor` of the answer: a
        reader that keeps it gets each change exactly once. A change appears when all transactions
        that began before it have ended. Of changes of rights, keys and ownership by others, readers
        who may not manage people see only the object.
        """
        query = parsed_query(serializers.ChangesQuery, request)
        org = _named_org(request, query["org"])
        require(request.user, "can_read_stream_ids", org, staff=is_staff_request(request))
        feed = changes_after(org, query["cursor"], limit=query["limit"])
        sees_all = is_staff_request(request) or may(request.user, "can_manage_users", org)
        rows = _rows(feed.changes, reader=actor_of(request), sees_all=sees_all)
        return Response({"results": rows, "cursor": feed.cursor, "more": feed.more})


def _named_org(request: Request, slug: str) -> Org:
    try:
        return org_for(request.user, slug, staff=is_staff_request(request))
    except NotFound as error:
        raise ValidationError({"org": [f"There is no {slug}."]}) from error


def _rows(changes: list[Change], *, reader: Account, sees_all: bool) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for change in changes:
        row = {**serializers.ChangeOutput(change).data}
        if change.audited and not sees_all and change.by_id != reader.pk:
            row |= {"event": "", "by": None, "details": {}}
        rows.append(row)
    return rows
