"""The projects, devices and archives of an organisation: counted, listed and searched."""

import re
from typing import Any, Final, TypeVar

from django.core.paginator import EmptyPage, Paginator
from django.db.models import Model, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from server.api.datablock.serializers import BlockOutput
from server.api.device.serializers.devices import DeviceOutput
from server.api.org.serializers import holdings as serializers
from server.api.project.serializers import ProjectOutput
from server.apps.accounts.models import Org
from server.apps.accounts.selectors.accounts import actor_of, is_staff_request, org_for, require
from server.apps.accounts.selectors.orgs import own_membership
from server.apps.devices.models import Project
from server.apps.devices.selectors.devices import projects_of
from server.apps.streams.selectors.orgs import Search, counts_of_org, find_blocks, find_devices
from server.core.rest.numbers import NO_SUCH_PAGE
from server.core.rest.parsing import parsed_query
from server.core.rest.queries import HARMLESS
from server.core.rest.views import ReadView

Row = TypeVar("Row", bound=Model)
PAGE_SIZE: Final = 10
MOST_PROPERTIES: Final = 10
_ANY_NAME: Final = re.compile(r".*", re.DOTALL)
"""Of a property: the views refuse what cannot be one."""
_WORDS_OF_OURS: Final = HARMLESS.keys() | {"q"}


def _org(request: Request, slug: str) -> Org:
    return org_for(request.user, slug, staff=is_staff_request(request))


class OrgExtra(ReadView):
    @extend_schema(responses=serializers.OrgExtraOutput)
    def get(self, request: Request, slug: str) -> Response:
        """An organisation with its counts and your own membership."""
        org = _org(request, slug)
        counts = counts_of_org(org)
        member = own_membership(actor_of(request), org, staff=is_staff_request(request))
        body = {
            **serializers.OrgExtraOutput(org).data,
            "counts": counts,
            "current_member": serializers.CurrentMember(member).data if member is not None else None,
        }
        return Response(body)


class OrgProjects(ReadView, GenericAPIView[Project]):
    serializer_class = ProjectOutput

    def get_queryset(self) -> QuerySet[Project]:
        return projects_of(self.request.user, staff=is_staff_request(self.request))

    @extend_schema(responses=ProjectOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The projects of an organisation, in pages."""
        projects = self.get_queryset().filter(org=_org(request, slug))
        page = self.paginate_queryset(projects) or []
        return self.get_paginated_response(ProjectOutput(page, many=True).data)


class OrgDevices(ReadView):
    other_parameters = _ANY_NAME

    @extend_schema(parameters=[serializers.SearchInput], responses=serializers.DevicesFound)
    def get(self, request: Request, slug: str) -> Response:
        """Ten devices of an organisation: by words of their label, slug or external id, and by
        properties (`?colour=red`)."""
        staff = is_staff_request(request)
        org = _org(request, slug)
        search, number = _search(request)
        found = find_devices(request.user, org, search, staff=staff)
        return _page(found, number, DeviceOutput)


class OrgArchives(ReadView):
    other_parameters = _ANY_NAME

    @extend_schema(parameters=[serializers.SearchInput], responses=serializers.BlocksFound)
    def get(self, request: Request, slug: str) -> Response:
        """Ten archives of an organisation: by words of their title and description, and by
        properties (`?colour=red`)."""
        staff = is_staff_request(request)
        org = _org(request, slug)
        require(request.user, "can_access_datablock", org, staff=staff)
        search, number = _search(request)
        found = find_blocks(request.user, org, search, staff=staff)
        return _page(found, number, BlockOutput)


def _search(request: Request) -> tuple[Search, int]:
    query = parsed_query(serializers.SearchInput, request)
    given = request.query_params.items()
    named = {name: str(text) for name, text in given if name not in _WORDS_OF_OURS}
    if len(named) > MOST_PROPERTIES:
        raise ValidationError({"non_field_errors": [f"At most {MOST_PROPERTIES} properties."]})
    for name, text in named.items():
        form = serializers.PropertyInput(data={"name": name, "value": text})
        if not form.is_valid():
            key = name if name.isprintable() else "non_field_errors"
            raise ValidationError({key: ["This is not a valid name and value of a property."]})
    return Search(query["q"], named), query["page"]


def _page(found: QuerySet[Row], number: int, shape: type[Serializer[Any]]) -> Response:
    pages = Paginator(found, PAGE_SIZE)
    try:
        page = pages.page(number)
    except EmptyPage as error:
        raise NotFound(NO_SUCH_PAGE) from error
    body = {
        "next_page": page.next_page_number() if page.has_next() else None,
        "prev_page": page.previous_page_number() if page.has_previous() else None,
        "count": pages.count,
        "results": shape(page.object_list, many=True).data,
    }
    return Response(body)
