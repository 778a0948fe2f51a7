"""The catalogue: components, device templates, project templates. Everybody reads what is visible
to them; staff write."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_201_CREATED

from server.api import filters
from server.api.dt import serializers
from server.api.targets import ListView
from server.apps.accounts.models import OrgApiKey
from server.apps.accounts.selectors.accounts import actor_of
from server.apps.devices.models import Component, DeviceSlot, DeviceTemplate, ProjectTemplate
from server.apps.devices.selectors.catalogue import (
    Reader,
    component_for,
    components_for,
    device_template_for,
    device_templates_for,
    project_template_for,
    project_templates_for,
    slots_of,
)
from server.apps.devices.services.catalogue import (
    change_catalogue,
    create_component,
    create_device_template,
    create_project_template,
    fill_slot,
)
from server.core.rest.bodies import DOCUMENT_BODY_BYTES
from server.core.rest.parsing import StrictInput, parsed
from server.core.rest.permissions import StaffWrites
from server.core.rest.views import ReadViewSet

Row = TypeVar("Row", Component, DeviceTemplate, ProjectTemplate)


def _reader(request: Request) -> Reader:
    return request.auth.org if isinstance(request.auth, OrgApiKey) else request.user


def _version(data: dict[str, Any]) -> tuple[int, int, int]:
    """Remove the version's parts from the form's data and return them."""
    major, minor, patch = (data.pop(f"{part}_version", 0) for part in ("major", "minor", "patch"))
    return major, minor, patch


class CatalogueViewSet(ReadViewSet[Row]):
    """Base class of the catalogue's view sets: only staff write."""

    max_body_bytes = DOCUMENT_BODY_BYTES
    permission_classes = (StaffWrites,)
    form: ClassVar[type[StrictInput]]

    def _create(self, make: Callable[..., Row]) -> Response:
        data = parsed(self.form, self.request)
        if "external_sku" in data:
            data["sku"] = data.pop("external_sku")
        row = make(version=_version(data), org=data.pop("org", None), by=actor_of(self.request), **data)
        return Response(self.get_serializer(row).data, status=HTTP_201_CREATED)

    def _change(self, *, partial: bool) -> Response:
        row = self.get_object()
        data = parsed(self.form, self.request, partial=partial)
        change_catalogue(row, by=actor_of(self.request), **data)
        return Response(self.get_serializer(row).data)


class Components(CatalogueViewSet[Component]):
    """The building blocks of device templates: the built-in ones, those of vendors, and those of
    your organisations."""

    serializer_class = serializers.ComponentOutput
    filterset_class = filters.CreatorFilters
    form = serializers.ComponentInput

    def get_queryset(self) -> QuerySet[Component]:
        return components_for(_reader(self.request)).order_by("external_sku", *filters.VERSIONS)

    def get_object(self) -> Component:
        return component_for(_reader(self.request), self.kwargs["slug"])

    @extend_schema(request=serializers.ComponentInput, responses={201: serializers.ComponentOutput})
    def create(self, request: Request) -> Response:
        """Create a component, or a new version of one. Staff only."""
        return self._create(create_component)

    @extend_schema(request=serializers.ComponentInput, responses=serializers.ComponentOutput)
    def update(self, request: Request, slug: str) -> Response:
        """Change a component; its name and version stay. Staff only."""
        return self._change(partial=False)

    @extend_schema(request=serializers.ComponentInput, responses=serializers.ComponentOutput)
    def partial_update(self, request: Request, slug: str) -> Response:
        """Change the given fields of a component; its name and version stay. Staff only."""
        return self._change(partial=True)


class DeviceTemplates(CatalogueViewSet[DeviceTemplate]):
    """Hardware types with their slots: the built-in ones, those of vendors, and those of your
    organisations."""

    serializer_class = serializers.DeviceTemplateOutput
    filterset_class = filters.CatalogueFilters
    form = serializers.DeviceTemplateInput
    api_key_scope: ClassVar[str] = OrgApiKey.Scope.CATALOGUE

    def get_queryset(self) -> QuerySet[DeviceTemplate]:
        return device_templates_for(_reader(self.request)).order_by("external_sku", *filters.VERSIONS)

    def get_object(self) -> DeviceTemplate:
        return device_template_for(_reader(self.request), self.kwargs["slug"])

    @extend_schema(request=serializers.DeviceTemplateInput, responses={201: serializers.DeviceTemplateOutput})
    def create(self, request: Request) -> Response:
        """Create a hardware type, or a new version of one. Staff only."""
        return self._create(create_device_template)

    @extend_schema(request=serializers.DeviceTemplateInput, responses=serializers.DeviceTemplateOutput)
    def update(self, request: Request, slug: str) -> Response:
        """Change a hardware type; its name and version stay. Staff only."""
        return self._change(partial=False)

    @extend_schema(request=serializers.DeviceTemplateInput, responses=serializers.DeviceTemplateOutput)
    def partial_update(self, request: Request, slug: str) -> Response:
        """Change the given fields of a hardware type; its name and version stay. Staff only."""
        return self._change(partial=True)


class Slots(ListView[DeviceSlot]):
    serializer_class = serializers.SlotOutput
    permission_classes = (StaffWrites,)
    api_key_scope: ClassVar[str] = OrgApiKey.Scope.CATALOGUE

    @extend_schema(responses=serializers.SlotOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The components of a hardware type, by slot. Slot 0 is the controller's."""
        template = device_template_for(_reader(request), slug)
        return self.page(slots_of(template), serializers.SlotOutput)

    @extend_schema(request=serializers.SlotInput, responses={201: serializers.SlotOutput})
    def post(self, request: Request, slug: str) -> Response:
        """Put a component into a slot, in place of the one that is there. Staff only."""
        template = device_template_for(_reader(request), slug)
        data = parsed(serializers.SlotInput, request)
        slot = fill_slot(template=template, by=actor_of(request), **data)
        return Response(serializers.SlotOutput(slot).data, status=HTTP_201_CREATED)


class ProjectTemplates(CatalogueViewSet[ProjectTemplate]):
    """What new projects start with: the built-in ones, those of vendors, and those of your
    organisations."""

    serializer_class = serializers.ProjectTemplateOutput
    filterset_class = filters.CatalogueFilters
    form = serializers.ProjectTemplateInput

    def get_queryset(self) -> QuerySet[ProjectTemplate]:
        return project_templates_for(_reader(self.request)).order_by("name", *filters.VERSIONS)

    def get_object(self) -> ProjectTemplate:
        return project_template_for(_reader(self.request), self.kwargs["slug"])

    @extend_schema(
        request=serializers.ProjectTemplateInput, responses={201: serializers.ProjectTemplateOutput}
    )
    def create(self, request: Request) -> Response:
        """Create a project template, or a new version of one. One that belongs to an organisation
        gets a hidden master project, whose variables new projects copy. Staff only.
        """
        return self._create(create_project_template)

    @extend_schema(request=serializers.ProjectTemplateInput, responses=serializers.ProjectTemplateOutput)
    def update(self, request: Request, slug: str) -> Response:
        """Change a project template; its name and version stay. Staff only."""
        return self._change(partial=False)

    @extend_schema(request=serializers.ProjectTemplateInput, responses=serializers.ProjectTemplateOutput)
    def partial_update(self, request: Request, slug: str) -> Response:
        """Change the given fields of a project template; its name and version stay. Staff only."""
        return self._change(partial=True)
