"""Operations, which take longer than a request, and their progress."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from server.api.operation import serializers
from server.apps.accounts.selectors.accounts import is_staff_request
from server.apps.accounts.selectors.operations import operation_visible_to, operations_of
from server.apps.activity.models import Operation
from server.apps.activity.selectors.operations import job_seen_by
from server.core.queue.watching.history import JobStatus
from server.core.rest.parsing import parsed, parsed_query


class Operations(GenericAPIView[Operation]):
    serializer_class = serializers.OperationOutput

    def get_queryset(self) -> QuerySet[Operation]:
        query = parsed_query(serializers.OperationsQuery, self.request)
        found = operations_of(self.request.user, staff=is_staff_request(self.request))
        if query["target"]:
            found = found.filter(target=query["target"])
        return found.filter(org__slug=query["org"]) if query["org"] else found

    @extend_schema(parameters=[serializers.OperationsQuery], responses=serializers.OperationOutput(many=True))
    def get(self, request: Request) -> Response:
        """The operations of your organisations with their progress, the newest first."""
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(serializers.OperationOutput(page, many=True).data)


class Pid(APIView):
    @extend_schema(request=serializers.PidInput, responses={202: serializers.PidOutput})
    def post(self, request: Request) -> Response:
        """The state of the operation with this `pid`. One of another organisation is not found,
        like one that does not exist.

        Staff may also use the id of a job's message.
        """
        pid, staff = parsed(serializers.PidInput, request)["pid"], is_staff_request(request)
        info = _info(operation_visible_to(request.user, pid, staff=staff) or job_seen_by(pid, staff=staff))
        return Response({"pid": pid, "info": info}, status=status.HTTP_202_ACCEPTED)


def _info(work: Operation | JobStatus | None) -> dict[str, Any]:
    """Of a job the queue and the worker log know neither when it was posted nor its progress."""
    match work:
        case None:
            return {"error": "Not found"}
        case JobStatus():
            job = {"kind": work.action, "state": work.state.value, "message": work.detail}
            return {**serializers.PidInfo({**job, "finished_on": work.finished_on}).data}
        case Operation():
            return {**serializers.PidInfo(work).data}
