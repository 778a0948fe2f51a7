"""Sensor graphs, their variables and widgets. Everybody reads what is visible to them; staff
write."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_201_CREATED
from rest_framework.views import APIView

from server.api.filters import VERSIONS
from server.api.sg import serializers
from server.api.sg.filters import SensorGraphFilters
from server.api.targets import ListView
from server.apps.accounts.models import OrgApiKey
from server.apps.accounts.selectors.accounts import actor_of
from server.apps.devices.models import PropertyTemplate, SensorGraph
from server.apps.devices.selectors.catalogue import (
    Reader,
    property_template_by_id,
    property_template_named,
    property_templates_of_graph,
    sensor_graph_for,
)
from server.apps.devices.services.catalogue import add_org_property, change_catalogue, create_sensor_graph
from server.apps.streams.selectors.catalogue import (
    full_sensor_graph_for,
    full_sensor_graphs_for,
    variable_template_of_staff,
    widget_template_of_staff,
)
from server.apps.streams.services.catalogue import (
    add_variable_template,
    add_widget_template,
    change_variable_template,
    change_widget_template,
)
from server.core.rest.bodies import DOCUMENT_BODY_BYTES
from server.core.rest.parsing import parsed, parsed_query
from server.core.rest.permissions import StaffWrites
from server.core.rest.views import ReadViewSet


def _reader(request: Request) -> Reader:
    return request.auth.org if isinstance(request.auth, OrgApiKey) else request.user


class SensorGraphs(ReadViewSet[SensorGraph]):
    """Applications of devices with their variables and widgets: the built-in ones, those of
    vendors, and those of your organisations."""

    max_body_bytes = DOCUMENT_BODY_BYTES
    serializer_class = serializers.SensorGraphOutput
    filterset_class = SensorGraphFilters
    permission_classes = (StaffWrites,)
    api_key_scope: ClassVar[str] = OrgApiKey.Scope.CATALOGUE

    def get_queryset(self) -> QuerySet[SensorGraph]:
        return full_sensor_graphs_for(_reader(self.request)).order_by("name", *VERSIONS)

    def get_object(self) -> SensorGraph:
        return full_sensor_graph_for(_reader(self.request), self.kwargs["slug"])

    @extend_schema(request=serializers.SensorGraphInput, responses={201: serializers.SensorGraphOutput})
    def create(self, request: Request) -> Response:
        """Create a sensor graph, or a new version of one; its variables and widgets are added at
        `vartemplate/` and `widget/`. Staff only.
        """
        data = parsed(serializers.SensorGraphInput, request)
        major, minor, patch = (data.pop(f"{part}_version", 0) for part in ("major", "minor", "patch"))
        graph = create_sensor_graph(
            name=data.pop("name"),
            version=(major, minor, patch),
            org=data.pop("org", None),
            by=actor_of(request),
            **data,
        )
        return Response(serializers.SensorGraphOutput(graph).data, status=HTTP_201_CREATED)

    @extend_schema(request=serializers.SensorGraphInput, responses=serializers.SensorGraphOutput)
    def update(self, request: Request, slug: str) -> Response:
        """Change a sensor graph; its name and version stay. Staff only."""
        return self._change(partial=False)

    @extend_schema(request=serializers.SensorGraphInput, responses=serializers.SensorGraphOutput)
    def partial_update(self, request: Request, slug: str) -> Response:
        """Change the given fields of a sensor graph; its name and version stay. Staff only."""
        return self._change(partial=True)

    def _change(self, *, partial: bool) -> Response:
        graph = self.get_object()
        data = parsed(serializers.SensorGraphInput, self.request, partial=partial)
        change_catalogue(graph, by=actor_of(self.request), **data)
        return Response(serializers.SensorGraphOutput(graph).data)


class OrgProperties(ListView[PropertyTemplate]):
    serializer_class = serializers.OrgPropertyOutput
    permission_classes = (StaffWrites,)

    @extend_schema(
        parameters=[serializers.OrgPropertyQuery], responses=serializers.OrgPropertyOutput(many=True)
    )
    def get(self, request: Request, slug: str) -> Response:
        """The properties that your organisations want of devices with this sensor graph."""
        graph = sensor_graph_for(request.user, slug)
        org = parsed_query(serializers.OrgPropertyQuery, request).get("org")
        templates = property_templates_of_graph(request.user, graph)
        if org is not None:
            templates = templates.filter(org__slug=org)
        return self.page(templates, serializers.OrgPropertyOutput)

    @extend_schema(
        parameters=[serializers.OrgPropertyQuery],
        request=serializers.OrgPropertyInput,
        responses={201: serializers.OrgPropertyOutput},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Add a property that an organisation wants of devices with this sensor graph: the `id` of
        a property template, or its `name` in the organisation `?org=`. Staff only."""
        graph = sensor_graph_for(request.user, slug)
        query = parsed_query(serializers.OrgPropertyQuery, request)
        data = parsed(serializers.OrgPropertyInput, request)
        template = _property_template(query.get("org"), data)
        add_org_property(sg=graph, template=template, by=actor_of(request))
        return Response(serializers.OrgPropertyOutput(template).data, status=HTTP_201_CREATED)


def _property_template(org: str | None, data: dict[str, Any]) -> PropertyTemplate:
    """Raises Invalid when there is none."""
    if "id" in data:
        return property_template_by_id(data["id"], org=org)
    return property_template_named(org or "", data["name"])


class NewVariableTemplate(APIView):
    permission_classes = (StaffWrites,)

    @extend_schema(
        request=serializers.VariableTemplateInput, responses={201: serializers.VariableTemplateOutput}
    )
    def post(self, request: Request) -> Response:
        """Create a variable that devices with a sensor graph get when they are claimed. Staff
        only."""
        data = parsed(serializers.VariableTemplateInput, request)
        template = add_variable_template(by=actor_of(request), **data)
        return Response(serializers.VariableTemplateOutput(template).data, status=HTTP_201_CREATED)


class OneVariableTemplate(APIView):
    permission_classes = (StaffWrites,)

    @extend_schema(request=serializers.VariableTemplateInput, responses=serializers.VariableTemplateOutput)
    def put(self, request: Request, pk: str) -> Response:
        """Change a variable of a sensor graph. Existing streams of devices stay as they are. Staff
        only."""
        return self._change(request, pk, partial=False)

    @extend_schema(request=serializers.VariableTemplateInput, responses=serializers.VariableTemplateOutput)
    def patch(self, request: Request, pk: str) -> Response:
        """Change the given fields of a variable of a sensor graph. Existing streams of devices stay
        as they are. Staff only."""
        return self._change(request, pk, partial=True)

    def _change(self, request: Request, pk: str, *, partial: bool) -> Response:
        template = variable_template_of_staff(pk)
        data = parsed(serializers.VariableTemplateInput, request, partial=partial)
        change_variable_template(template, by=actor_of(request), **data)
        return Response(serializers.VariableTemplateOutput(template).data)


class NewWidget(APIView):
    max_body_bytes = DOCUMENT_BODY_BYTES
    permission_classes = (StaffWrites,)

    @extend_schema(request=serializers.WidgetInput, responses={201: serializers.WidgetOutput})
    def post(self, request: Request) -> Response:
        """Create a widget: a value, button or switch that phones or pages show for devices with a
        sensor graph. Staff only."""
        data = parsed(serializers.WidgetInput, request)
        widget = add_widget_template(by=actor_of(request), **data)
        return Response(serializers.WidgetOutput(widget).data, status=HTTP_201_CREATED)


class OneWidget(APIView):
    max_body_bytes = DOCUMENT_BODY_BYTES
    permission_classes = (StaffWrites,)

    @extend_schema(request=serializers.WidgetInput, responses=serializers.WidgetOutput)
    def put(self, request: Request, pk: str) -> Response:
        """Change a widget of a sensor graph. Staff only."""
        return self._change(request, pk, partial=False)

    @extend_schema(request=serializers.WidgetInput, responses=serializers.WidgetOutput)
    def patch(self, request: Request, pk: str) -> Response:
        """Change the given fields of a widget of a sensor graph. Staff only."""
        return self._change(request, pk, partial=True)

    def _change(self, request: Request, pk: str, *, partial: bool) -> Response:
        widget = widget_template_of_staff(pk)
        data = parsed(serializers.WidgetInput, request, partial=partial)
        change_widget_template(widget, by=actor_of(request), **data)
        return Response(serializers.WidgetOutput(widget).data)
