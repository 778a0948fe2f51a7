"""What happened, and what is happening."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from server.api.changes import serializers
from server.apps.accounts import selectors
from server.apps.accounts.models import Account, Change, Operation, Org
from server.apps.accounts.selectors import actor_of, is_staff_asking
from server.core.errors import NotThere
from server.core.queue.watching.history import JobSeen
from server.core.rest.parsing import parsed, parsed_query
from server.core.rest.views import ReadView


class Changes(ReadView):
    @extend_schema(parameters=[serializers.ChangesQuery], responses=serializers.ChangesOutput)
    def get(self, request: Request) -> Response:
        """What changed in an organisation, in order. Ask again with the `cursor` of the answer: a reader that keeps it gets each
        change exactly once. A change shows up when all that began before it has ended. Who may not manage people sees of the
        changes of rights, keys and ownership that others made only which object they were of.
        """
        query = parsed_query(serializers.ChangesQuery, request)
        org = _named_org(request, query["org"])
        selectors.require(request.user, "can_read_stream_ids", org, staff=is_staff_asking(request))
        feed = selectors.changes_after(org, query["cursor"], limit=query["limit"])
        rows = _rows(feed.changes, reader=actor_of(request), sees_all=_sees_all(request, org))
        return Response({"results": rows, "cursor": feed.cursor, "more": feed.more})


def _named_org(request: Request, slug: str) -> Org:
    try:
        return selectors.org_for(request.user, slug, staff=is_staff_asking(request))
    except NotThere as error:
        raise ValidationError({"org": [f"There is no {slug}."]}) from error


def _sees_all(request: Request, org: Org) -> bool:
    return is_staff_asking(request) or selectors.may(request.user, "can_manage_users", org)


def _rows(changes: list[Change], *, reader: Account, sees_all: bool) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for change in changes:
        row = {**serializers.ChangeOutput(change).data}
        if change.audited and not sees_all and change.by_id != reader.pk:
            row |= {"event": "", "by": None, "details": {}}
        rows.append(row)
    return rows


class Operations(GenericAPIView[Operation]):
    serializer_class = serializers.OperationOutput

    def get_queryset(self) -> QuerySet[Operation]:
        query = parsed_query(serializers.OperationsQuery, self.request)
        found = selectors.operations_of(self.request.user, staff=is_staff_asking(self.request))
        if query["target"]:
            found = found.filter(target=query["target"])
        return found.filter(org__slug=query["org"]) if query["org"] else found

    @extend_schema(parameters=[serializers.OperationsQuery], responses=serializers.OperationOutput(many=True))
    def get(self, request: Request) -> Response:
        """Work that takes longer than a request, of one's organisations: the newest first, with how far it is."""
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(serializers.OperationOutput(page, many=True).data)


class Pid(APIView):
    @extend_schema(request=serializers.PidInput, responses={202: serializers.PidOutput})
    def post(self, request: Request) -> Response:
        """What became of the work with this `pid`. One that is not of one's organisations is not found, like any that is none.

        Staff may ask for any job by the id of its message, too.
        """
        pid, staff = parsed(serializers.PidInput, request)["pid"], is_staff_asking(request)
        info = _info(
            selectors.operation_seen_by(request.user, pid, staff=staff)
            or selectors.job_seen_by(pid, staff=staff)
        )
        return Response({"pid": pid, "info": info}, status=status.HTTP_202_ACCEPTED)


def _info(work: Operation | JobSeen | None) -> dict[str, Any]:
    """Of a job is known what the queue and the worker log say: not when it was posted, and not how far it is."""
    match work:
        case None:
            return {"error": "Not found"}
        case JobSeen():
            job = {"kind": work.action, "state": work.state.value, "message": work.detail}
            return {**serializers.PidInfo({**job, "finished_on": work.finished_on}).data}
        case Operation():
            return {**serializers.PidInfo(work).data}
