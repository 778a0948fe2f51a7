"""Configuration: its names, and what they are for an organisation, a person, a project, a device or a data block."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from server.api.config import serializers
from server.api.staff import STAFF
from server.api.targets import ListView, asked_target
from server.apps.accounts.selectors import actor_of
from server.apps.devices import selectors as device_selectors
from server.apps.devices import services as device_services
from server.apps.devices.models import ConfigAttribute, ConfigName
from server.apps.streams import selectors, services
from server.core.errors import Invalid
from server.core.rest.parsing import parsed, parsed_query
from server.core.rest.permissions import StaffWrites
from server.core.rest.views import ReadViewSet


class Names(ReadViewSet[ConfigName]):
    """The names that configuration may have."""

    serializer_class = serializers.NameOutput
    permission_classes = (StaffWrites,)

    def get_queryset(self) -> QuerySet[ConfigName]:
        return device_selectors.config_names()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The names that configuration may have."""
        return super().list(request, *args, **kwargs)

    @extend_schema(request=serializers.NameInput, responses={201: serializers.NameOutput})
    def create(self, request: Request) -> Response:
        """A new name for configuration. Staff only."""
        changes = parsed(serializers.NameInput, request)
        made = device_services.save_config_name(name=ConfigName(), by=actor_of(request), changes=changes)
        return Response(serializers.NameOutput(made).data, status=status.HTTP_201_CREATED)


class OneName(APIView):
    permission_classes = (StaffWrites,)

    @extend_schema(responses=serializers.NameOutput)
    def get(self, request: Request, pk: str) -> Response:
        """A name that configuration may have."""
        return Response(serializers.NameOutput(device_selectors.config_name_by_id(pk)).data)

    @extend_schema(request=serializers.NameInput, responses=serializers.NameOutput)
    def put(self, request: Request, pk: str) -> Response:
        """Change a configuration name; what has it, has the new one. Staff only."""
        return self._change(request, pk, partial=False)

    @extend_schema(request=serializers.NameInput, responses=serializers.NameOutput)
    def patch(self, request: Request, pk: str) -> Response:
        """Change what is given of a configuration name. Staff only."""
        return self._change(request, pk, partial=True)

    def _change(self, request: Request, pk: str, *, partial: bool) -> Response:
        name = device_selectors.config_name_by_id(pk)
        changes = parsed(serializers.NameInput, request, partial=partial)
        device_services.save_config_name(name=name, by=actor_of(request), changes=changes)
        return Response(serializers.NameOutput(name).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: str) -> Response:
        """Remove a configuration name that nothing has. Staff only."""
        name = device_selectors.config_name_by_id(pk)
        device_services.delete_config_name(name=name, by=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Attributes(ListView[ConfigAttribute]):
    serializer_class = serializers.AttributeOutput

    @extend_schema(
        parameters=[serializers.AttributeQuery, STAFF],
        responses=serializers.AttributeOutput(many=True),
    )
    def get(self, request: Request) -> Response:
        """The configuration of an organisation, oneself, a project, a device or a data block: its own, by name."""
        slug = parsed_query(serializers.AttributeQuery, request)["target"]
        target = asked_target(request, slug, selectors.OF_CONFIGURATION)
        attributes = device_selectors.config_attributes_of(target.slug)
        return self.page(attributes, serializers.AttributeOutput)

    @extend_schema(
        parameters=[STAFF],
        request=serializers.AttributeInput,
        responses={201: serializers.AttributeOutput},
    )
    def post(self, request: Request) -> Response:
        """Set configuration: new, or instead of what has this name there. Keys, secrets, tokens and passwords in it are sealed, and
        not shown again.
        """
        by, data = actor_of(request), parsed(serializers.AttributeInput, request)
        target = asked_target(request, data.pop("target"), selectors.OF_CONFIGURATION)
        attribute = services.configure(target=target, by=by, **data)
        return Response(serializers.AttributeOutput(attribute).data, status=status.HTTP_201_CREATED)


def _attribute(request: Request, pk: str) -> tuple[ConfigAttribute, selectors.Target]:
    """The gate to configuration: through its target."""
    attribute = device_selectors.config_attribute_by_id(pk)
    return attribute, asked_target(request, attribute.target, selectors.OF_CONFIGURATION)


class OneAttribute(APIView):
    @extend_schema(parameters=[STAFF], responses=serializers.AttributeOutput)
    def get(self, request: Request, pk: str) -> Response:
        """One piece of configuration."""
        attribute, _ = _attribute(request, pk)
        return Response(serializers.AttributeOutput(attribute).data)

    @extend_schema(parameters=[STAFF], request=OpenApiTypes.OBJECT, responses={400: OpenApiTypes.OBJECT})
    def put(self, request: Request, pk: str) -> Response:
        """Always 400: to change configuration, POST it again."""
        return self._refuse(request, pk)

    @extend_schema(parameters=[STAFF], request=OpenApiTypes.OBJECT, responses={400: OpenApiTypes.OBJECT})
    def patch(self, request: Request, pk: str) -> Response:
        """Always 400: to change configuration, POST it again."""
        return self._refuse(request, pk)

    def _refuse(self, request: Request, pk: str) -> Response:
        _attribute(request, pk)
        raise Invalid("To change configuration, POST it again.")

    @extend_schema(parameters=[STAFF], responses={204: None})
    def delete(self, request: Request, pk: str) -> Response:
        """Remove one piece of configuration."""
        attribute, target = _attribute(request, pk)
        services.remove_configuration(attribute=attribute, target=target, by=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Search(APIView):
    @extend_schema(parameters=[serializers.SearchQuery, STAFF], responses=serializers.AttributeOutput)
    def get(self, request: Request) -> Response:
        """What holds for a target: its own, else that of a device's project, else of the organisation, else one's own. 404 when
        nobody has it.
        """
        asked = parsed_query(serializers.SearchQuery, request)
        target = asked_target(request, asked["target"], selectors.OF_CONFIGURATION)
        chain = selectors.configuration_chain(target, actor_of(request))
        attribute = device_selectors.first_config_attribute(chain, asked["name"])
        return Response(serializers.AttributeOutput(attribute).data)
