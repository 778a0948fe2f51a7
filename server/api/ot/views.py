"""Organisation templates."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import filters
from server.api.ot import serializers
from server.apps.accounts.models import OrgTemplate
from server.apps.accounts.selectors.accounts import actor_of
from server.apps.accounts.selectors.orgs import org_template_by_slug, org_templates
from server.apps.accounts.services.templates import change_org_template, create_org_template
from server.core.errors import NotFound
from server.core.rest.bodies import DOCUMENT_BODY_BYTES
from server.core.rest.parsing import parsed
from server.core.rest.permissions import StaffWrites
from server.core.rest.views import ReadViewSet


class OrgTemplates(ReadViewSet[OrgTemplate]):
    """How organisations are set up."""

    max_body_bytes = DOCUMENT_BODY_BYTES
    permission_classes = (StaffWrites,)
    serializer_class = serializers.OrgTemplateOutput
    filterset_class = filters.CreatorFilters

    def get_queryset(self) -> QuerySet[OrgTemplate]:
        return org_templates().order_by("name", *filters.VERSIONS)

    def get_object(self) -> OrgTemplate:
        slug: str = self.kwargs["slug"]
        template = org_template_by_slug(slug) if slug.isprintable() else None
        if template is None:
            raise NotFound()
        return template

    @extend_schema(request=serializers.OrgTemplateInput, responses={201: serializers.OrgTemplateOutput})
    def create(self, request: Request) -> Response:
        """Create a template, or a new version of one. Staff only."""
        data = parsed(serializers.OrgTemplateInput, request)
        template = create_org_template(
            name=data["name"],
            version=(data["major_version"], data["minor_version"], data["patch_version"]),
            extra_data=data["extra_data"],
            by=actor_of(request),
        )
        return Response(serializers.OrgTemplateOutput(template).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=serializers.OrgTemplateInput, responses=serializers.OrgTemplateOutput)
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Changes a template's data; name and version stay. Staff only."""
        return self._change(request)

    @extend_schema(request=serializers.OrgTemplateInput, responses=serializers.OrgTemplateOutput)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Changes a template's data; name and version stay. Staff only."""
        return self._change(request)

    def _change(self, request: Request) -> Response:
        template = self.get_object()
        changes = parsed(serializers.OrgTemplateInput, request, partial=True)
        changed = change_org_template(template=template, changes=changes, by=actor_of(request))
        return Response(serializers.OrgTemplateOutput(changed).data)
