"""Reading, creating, changing and removing organisations, and messages to their members."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from server.api import filters
from server.api.changes.serializers import ChangeOutput
from server.api.org.serializers import orgs as serializers
from server.api.staff import STAFF
from server.apps.accounts.models import Org
from server.apps.accounts.selectors.accounts import actor_of, is_staff_request, org_for, orgs_of, require
from server.apps.accounts.services.accounts import create_org
from server.apps.accounts.services.messages import message_members
from server.apps.accounts.services.orgs import change_org, delete_org
from server.apps.activity.models import Change
from server.apps.activity.selectors.changes import audit_trail_of
from server.core.errors import Forbidden
from server.core.rest.parsing import parsed
from server.core.rest.views import ReadView, ReadViewSet


def org_of(request: Request, slug: str) -> Org:
    """The gate to an organisation."""
    return org_for(request.user, slug, staff=is_staff_request(request))


def managed_org(request: Request, slug: str, permission: str = "can_manage_users") -> Org:
    """The gate to an organisation for members with this permission. Raises Forbidden for others."""
    org = org_of(request, slug)
    require(request.user, permission, org, staff=is_staff_request(request))
    return org


class Orgs(ReadViewSet[Org]):
    """The organisations you are a member of."""

    serializer_class = serializers.OrgOutput
    filterset_class = filters.OrgFilters

    def get_queryset(self) -> QuerySet[Org]:
        orgs = orgs_of(self.request.user, staff=is_staff_request(self.request))
        return orgs.prefetch_related("domains")

    @extend_schema(parameters=[STAFF])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The organisations you are a member of, by name."""
        return super().list(request, *args, **kwargs)

    @extend_schema(request=serializers.OrgInput, responses={201: serializers.OrgOutput})
    def create(self, request: Request) -> Response:
        """Create an organisation; the caller becomes its owner. Its slug is made from its name and
        stays."""
        data = parsed(serializers.OrgInput, request)
        org = create_org(name=data["name"], about=data.get("about", ""), by=actor_of(request))
        if data.get("ot") is not None:
            change_org(org=org, changes={"ot": data["ot"]}, by=actor_of(request))
        return Response(serializers.OrgOutput(org).data, status=status.HTTP_201_CREATED)


class OneOrg(ReadView):
    @extend_schema(parameters=[STAFF], responses=serializers.OrgOutput)
    def get(self, request: Request, slug: str) -> Response:
        """An organisation you are a member of."""
        return Response(serializers.OrgOutput(org_of(request, slug)).data)

    @extend_schema(request=serializers.OrgInput, responses=serializers.OrgOutput)
    def put(self, request: Request, slug: str) -> Response:
        """Change name, description and template. Missing fields stay, and so does the slug, since
        programs know it."""
        return self._change(request, slug, partial=False)

    @extend_schema(request=serializers.OrgInput, responses=serializers.OrgOutput)
    def patch(self, request: Request, slug: str) -> Response:
        """Change name, description or template."""
        return self._change(request, slug, partial=True)

    def _change(self, request: Request, slug: str, *, partial: bool) -> Response:
        org = org_of(request, slug)
        changes = parsed(serializers.OrgInput, request, partial=partial)
        changed = change_org(org=org, changes=changes, by=actor_of(request), staff=is_staff_request(request))
        return Response(serializers.OrgOutput(changed).data)

    @extend_schema(parameters=[STAFF], responses={204: None})
    def delete(self, request: Request, slug: str) -> Response:
        """Remove an organisation that has no devices and no archives. Staff only, with
        `?staff=1`."""
        if not is_staff_request(request):
            raise Forbidden("Restricted Access")
        delete_org(org=org_of(request, slug), by=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Message(APIView):
    @extend_schema(request=serializers.MessageInput, responses={202: serializers.MessageScheduled})
    def post(self, request: Request, slug: str) -> Response:
        """Send a mail to each member who has one of the roles, or to all. Answers with the `pid` of
        the operation."""
        org = org_of(request, slug)
        data = parsed(serializers.MessageInput, request)
        operation = message_members(
            org=org,
            roles=data["roles"],
            subject=data["subject"],
            text=data["message"],
            by=actor_of(request),
            staff=is_staff_request(request),
        )
        body = {"message": "scheduled", "pid": str(operation.pk)}
        return Response(body, status=status.HTTP_202_ACCEPTED)


class Audit(GenericAPIView[Change]):
    serializer_class = ChangeOutput
    queryset = Change.objects.none()  # for the documentation; `get` selects them

    @extend_schema(responses=ChangeOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The audit trail: changes of rights, keys, ownership and software, the newest first, in
        pages."""
        page = self.paginate_queryset(audit_trail_of(managed_org(request, slug))) or []
        return self.get_paginated_response(ChangeOutput(page, many=True).data)
