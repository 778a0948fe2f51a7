"""Properties of projects, devices and data blocks, and the property templates of organisations."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from server.api import filters
from server.api.property import serializers
from server.api.references import named_org
from server.api.staff import STAFF
from server.api.targets import ListView, requested_target
from server.apps.accounts.selectors.accounts import actor_of, is_staff_request
from server.apps.devices.models import Property, PropertyEnum, PropertyTemplate
from server.apps.devices.selectors.devices import device_for, project_for
from server.apps.devices.selectors.metadata import (
    enums_of,
    properties_of,
    property_by_id,
    property_template_for,
    property_templates_of,
)
from server.apps.devices.services.properties import (
    add_enum,
    add_property,
    change_property,
    change_property_template,
    create_property_template,
    delete_property,
    delete_property_template,
    remove_enum,
    set_property,
)
from server.apps.streams.selectors.blocks import block_for
from server.apps.streams.selectors.targets import OF_PROPERTIES, Target, target_of
from server.core.errors import Invalid
from server.core.rest.bodies import DOCUMENT_BODY_BYTES
from server.core.rest.parsing import parsed, parsed_query
from server.core.rest.views import ReadViewSet

_READ = "can_read_device_properties"


class MissingTarget(APIException):
    """The original cloud answers 406 here, and its clients expect it."""

    status_code = status.HTTP_406_NOT_ACCEPTABLE
    default_detail = "A target is needed: ?target=<slug of a project, device or data block>."
    default_code = "target-missing"


class Properties(ListView[Property]):
    serializer_class = serializers.PropertyOutput

    @extend_schema(
        parameters=[serializers.PropertyQuery, STAFF],
        responses={200: serializers.PropertyOutput(many=True), 406: OpenApiTypes.OBJECT},
    )
    def get(self, request: Request) -> Response:
        """The properties of a project, device or data block, by name."""
        slug = parsed_query(serializers.PropertyQuery, request).get("target")
        if slug is None:
            raise MissingTarget()
        target = requested_target(request, slug, OF_PROPERTIES)
        target.require(request.user, _READ)
        return self.page(properties_of(target.slug), serializers.PropertyOutput)

    @extend_schema(
        parameters=[STAFF],
        request=serializers.PropertyInput,
        responses={201: serializers.WrittenPropertyOutput},
    )
    def post(self, request: Request) -> Response:
        """Create a property. A value that the organisation's template does not list is refused."""
        by, data = actor_of(request), parsed(serializers.PropertyInput, request)
        target = requested_target(request, data["target"], OF_PROPERTIES)
        made = add_property(target=target, name=data["name"], value=data["value"], by=by)
        return Response(serializers.WrittenPropertyOutput(made).data, status=status.HTTP_201_CREATED)


def _property_and_target(request: Request, pk: str) -> tuple[Property, Target]:
    """The gate to a property, by the gate to its target. Raises Forbidden when the caller may not
    read it."""
    known = property_by_id(pk)
    target = requested_target(request, known.target, OF_PROPERTIES)
    target.require(request.user, _READ)
    return known, target


class OneProperty(APIView):
    @extend_schema(parameters=[STAFF], responses=serializers.PropertyOutput)
    def get(self, request: Request, pk: str) -> Response:
        """A property."""
        known, _ = _property_and_target(request, pk)
        return Response(serializers.PropertyOutput(known).data)

    @extend_schema(
        parameters=[STAFF],
        request=serializers.ChangedPropertyInput,
        responses=serializers.WrittenPropertyOutput,
    )
    def put(self, request: Request, pk: str) -> Response:
        """Change a property; its type may change. Those of the system cannot be changed."""
        return self._change(request, pk, partial=False)

    @extend_schema(
        parameters=[STAFF],
        request=serializers.ChangedPropertyInput,
        responses=serializers.WrittenPropertyOutput,
    )
    def patch(self, request: Request, pk: str) -> Response:
        """Change the given fields of a property; see PUT."""
        return self._change(request, pk, partial=True)

    def _change(self, request: Request, pk: str, *, partial: bool) -> Response:
        (known, target), by = _property_and_target(request, pk), actor_of(request)
        data = parsed(serializers.ChangedPropertyInput, request, partial=partial)
        if data.get("target", known.target) != known.target:
            raise Invalid("A property stays where it is.", field="target")
        if data.get("is_system", known.is_system) != known.is_system:
            raise Invalid("A property stays the system's, or its organisation's.", field="is_system")
        changed = change_property(
            known=known, target=target, by=by, name=data.get("name"), value=data.get("value")
        )
        return Response(serializers.WrittenPropertyOutput(changed).data)

    @extend_schema(parameters=[STAFF], responses={204: None})
    def delete(self, request: Request, pk: str) -> Response:
        """Remove a property. Those of the system cannot be removed."""
        known, target = _property_and_target(request, pk)
        delete_property(known=known, target=target, by=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class _OfOne(APIView):
    """Base class of views of the properties of the project, device or data block in the path."""

    def target(self, request: Request, name: str) -> Target:
        raise NotImplementedError


class _OfProject(_OfOne):
    def target(self, request: Request, name: str) -> Target:
        staff = is_staff_request(request)
        project = project_for(request.user, name, staff=staff)
        return target_of(project, staff=staff)


class _OfDevice(_OfOne):
    def target(self, request: Request, name: str) -> Target:
        staff = is_staff_request(request)
        return target_of(device_for(request.user, name, staff=staff), staff=staff)


class _OfBlock(_OfOne):
    def target(self, request: Request, name: str) -> Target:
        staff = is_staff_request(request)
        return target_of(block_for(request.user, name, staff=staff), staff=staff)


class _OwnProperties(_OfOne):
    @extend_schema(parameters=[STAFF], filters=False, responses=serializers.OwnPropertyOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """All of its properties by name, as a plain list."""
        target = self.target(request, slug)
        target.require(request.user, _READ)
        properties = properties_of(target.slug)
        return Response(serializers.OwnPropertyOutput(properties, many=True).data)


class _NewProperty(_OfOne):
    @extend_schema(
        parameters=[STAFF],
        request=serializers.ValueInput,
        responses={201: serializers.OwnPropertyOutput},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Set a property: create it, or change the value of the one with this name."""
        target, by = self.target(request, slug), actor_of(request)
        data = parsed(serializers.ValueInput, request)
        known = set_property(target=target, name=data["name"], value=data["value"], by=by)
        return Response(serializers.OwnPropertyOutput(known).data, status=status.HTTP_201_CREATED)


class ProjectProperties(_OfProject, _OwnProperties):
    pass


class NewProjectProperty(_OfProject, _NewProperty):
    pass


class DeviceProperties(_OfDevice, _OwnProperties):
    pass


class NewDeviceProperty(_OfDevice, _NewProperty):
    pass


class BlockProperties(_OfBlock, _OwnProperties):
    pass


class NewBlockProperty(_OfBlock, _NewProperty):
    pass


class PropertyTemplates(ReadViewSet[PropertyTemplate]):
    """Properties that your organisations want their objects to have."""

    max_body_bytes = DOCUMENT_BODY_BYTES
    serializer_class = serializers.PropertyTemplateOutput
    filterset_class = filters.PropertyTemplateFilters

    def get_queryset(self) -> QuerySet[PropertyTemplate]:
        templates = property_templates_of(self.request.user, staff=is_staff_request(self.request))
        return templates.order_by("org__name", "name")

    @extend_schema(parameters=[STAFF])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Properties that your organisations want their objects to have, by organisation and
        name."""
        return super().list(request, *args, **kwargs)

    @extend_schema(
        parameters=[STAFF],
        request=serializers.PropertyTemplateInput,
        responses={201: serializers.PropertyTemplateOutput},
    )
    def create(self, request: Request) -> Response:
        """Create a property template. The values that the property may have are added at
        `enum/`."""
        by, data = actor_of(request), parsed(serializers.PropertyTemplateInput, request)
        org = named_org(request, data.pop("org"))
        made = create_property_template(org=org, by=by, changes=data, staff=is_staff_request(request))
        return Response(serializers.PropertyTemplateOutput(made).data, status=status.HTTP_201_CREATED)


def _template(request: Request, pk: str) -> PropertyTemplate:
    return property_template_for(request.user, pk, staff=is_staff_request(request))


class OnePropertyTemplate(APIView):
    max_body_bytes = DOCUMENT_BODY_BYTES

    @extend_schema(parameters=[STAFF], responses=serializers.PropertyTemplateOutput)
    def get(self, request: Request, pk: str) -> Response:
        """A property that an organisation wants its objects to have."""
        return Response(serializers.PropertyTemplateOutput(_template(request, pk)).data)

    @extend_schema(
        parameters=[STAFF],
        request=serializers.PropertyTemplateInput,
        responses=serializers.PropertyTemplateOutput,
    )
    def put(self, request: Request, pk: str) -> Response:
        """Change a property template. Existing properties stay as they are."""
        return self._change(request, pk, partial=False)

    @extend_schema(
        parameters=[STAFF],
        request=serializers.PropertyTemplateInput,
        responses=serializers.PropertyTemplateOutput,
    )
    def patch(self, request: Request, pk: str) -> Response:
        """Change the given fields of a property template; see PUT."""
        return self._change(request, pk, partial=True)

    def _change(self, request: Request, pk: str, *, partial: bool) -> Response:
        template, by = _template(request, pk), actor_of(request)
        changes = parsed(serializers.PropertyTemplateInput, request, partial=partial)
        if changes.pop("org", template.org.slug) != template.org.slug:
            raise Invalid("A property template stays in its organisation.", field="org")
        change_property_template(template=template, by=by, changes=changes, staff=is_staff_request(request))
        return Response(serializers.PropertyTemplateOutput(template).data)

    @extend_schema(parameters=[STAFF], responses={204: None})
    def delete(self, request: Request, pk: str) -> Response:
        """Remove a property template. Existing properties stay, and may then have any value."""
        delete_property_template(
            template=_template(request, pk), by=actor_of(request), staff=is_staff_request(request)
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class Enums(ListView[PropertyEnum]):
    serializer_class = serializers.EnumOutput

    @extend_schema(parameters=[STAFF], responses=serializers.EnumOutput(many=True))
    def get(self, request: Request, pk: str) -> Response:
        """The values that properties of this template may have, in pages; if there is none, any
        value is allowed."""
        return self.page(enums_of(_template(request, pk)), serializers.EnumOutput)

    @extend_schema(parameters=[STAFF], request=serializers.EnumInput, responses={201: serializers.EnumOutput})
    def post(self, request: Request, pk: str) -> Response:
        """Add a value that properties of this template may have. One that is there stays."""
        template, by = _template(request, pk), actor_of(request)
        value = parsed(serializers.EnumInput, request)["value"]
        made = add_enum(template=template, value=value, by=by, staff=is_staff_request(request))
        return Response(serializers.EnumOutput(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        parameters=[
            STAFF,
            OpenApiParameter("value", OpenApiTypes.STR, description="For clients that send no body here."),
        ],
        request=serializers.EnumInput,
        responses={204: None},
    )
    def delete(self, request: Request, pk: str) -> Response:
        """Remove a value: the one in the body or in the query. Properties that have it keep it."""
        template, by = _template(request, pk), actor_of(request)
        in_query = parsed_query(serializers.EnumQuery, request).get("value")
        value = in_query if in_query is not None else parsed(serializers.EnumInput, request)["value"]
        remove_enum(template=template, value=value, by=by, staff=is_staff_request(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
