"""Configuration: its names, and its values for organisations, people, projects, devices and data
blocks."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from server.api.config import serializers
from server.api.config.filters import NameFilters
from server.api.staff import STAFF
from server.api.targets import ListView, requested_target
from server.apps.accounts.selectors.accounts import actor_of
from server.apps.devices.models import ConfigAttribute, ConfigName
from server.apps.devices.selectors.metadata import (
    config_attribute_by_id,
    config_attributes_of,
    config_name_by_id,
    config_names,
    first_config_attribute,
)
from server.apps.devices.services.configuration import delete_config_name, save_config_name
from server.apps.streams.selectors.targets import OF_CONFIGURATION, Target, configuration_chain
from server.apps.streams.services.configuration import configure, remove_configuration
from server.core.errors import Invalid
from server.core.rest.bodies import DOCUMENT_BODY_BYTES
from server.core.rest.parsing import parsed, parsed_query
from server.core.rest.permissions import StaffWrites
from server.core.rest.views import ReadViewSet


class Names(ReadViewSet[ConfigName]):
    """The names that configuration may have."""

    serializer_class = serializers.NameOutput
    filterset_class = NameFilters
    permission_classes = (StaffWrites,)

    def get_queryset(self) -> QuerySet[ConfigName]:
        return config_names()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The names that configuration may have."""
        return super().list(request, *args, **kwargs)

    @extend_schema(request=serializers.NameInput, responses={201: serializers.NameOutput})
    def create(self, request: Request) -> Response:
        """Create a configuration name. Staff only."""
        changes = parsed(serializers.NameInput, request)
        made = save_config_name(name=ConfigName(), by=actor_of(request), changes=changes)
        return Response(serializers.NameOutput(made).data, status=status.HTTP_201_CREATED)


class OneName(APIView):
    permission_classes = (StaffWrites,)

    @extend_schema(responses=serializers.NameOutput)
    def get(self, request: Request, pk: str) -> Response:
        """A name that configuration may have."""
        return Response(serializers.NameOutput(config_name_by_id(pk)).data)

    @extend_schema(request=serializers.NameInput, responses=serializers.NameOutput)
    def put(self, request: Request, pk: str) -> Response:
        """Change a configuration name; configuration with this name keeps it. Staff only."""
        return self._change(request, pk, partial=False)

    @extend_schema(request=serializers.NameInput, responses=serializers.NameOutput)
    def patch(self, request: Request, pk: str) -> Response:
        """Change the given fields of a configuration name. Staff only."""
        return self._change(request, pk, partial=True)

    def _change(self, request: Request, pk: str, *, partial: bool) -> Response:
        name = config_name_by_id(pk)
        changes = parsed(serializers.NameInput, request, partial=partial)
        save_config_name(name=name, by=actor_of(request), changes=changes)
        return Response(serializers.NameOutput(name).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: str) -> Response:
        """Remove an unused configuration name. Staff only."""
        name = config_name_by_id(pk)
        delete_config_name(name=name, by=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Attributes(ListView[ConfigAttribute]):
    max_body_bytes = DOCUMENT_BODY_BYTES
    serializer_class = serializers.AttributeOutput

    @extend_schema(
        parameters=[serializers.AttributeQuery, STAFF],
        responses=serializers.AttributeOutput(many=True),
    )
    def get(self, request: Request) -> Response:
        """The configuration of an organisation, your own account, a project, a device or a data
        block, without what it inherits; by name."""
        query = parsed_query(serializers.AttributeQuery, request)
        target = requested_target(request, query["target"], OF_CONFIGURATION)
        attributes = config_attributes_of(target.slug, named_like=query["name_q"])
        return self.page(attributes, serializers.AttributeOutput)

    @extend_schema(
        parameters=[STAFF],
        request=serializers.AttributeInput,
        responses={201: serializers.AttributeOutput},
    )
    def post(self, request: Request) -> Response:
        """Set configuration, replacing what the target has under this name. Keys, secrets, tokens
        and passwords in it are sealed and not shown again.
        """
        by, data = actor_of(request), parsed(serializers.AttributeInput, request)
        target = requested_target(request, data.pop("target"), OF_CONFIGURATION)
        attribute = configure(target=target, by=by, **data)
        return Response(serializers.AttributeOutput(attribute).data, status=status.HTTP_201_CREATED)


def _attribute(request: Request, pk: str) -> tuple[ConfigAttribute, Target]:
    """The gate to configuration, by the gate to its target."""
    attribute = config_attribute_by_id(pk)
    return attribute, requested_target(request, attribute.target, OF_CONFIGURATION)


class OneAttribute(APIView):
    max_body_bytes = DOCUMENT_BODY_BYTES

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
        remove_configuration(attribute=attribute, target=target, by=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Search(APIView):
    @extend_schema(parameters=[serializers.SearchQuery, STAFF], responses=serializers.AttributeOutput)
    def get(self, request: Request) -> Response:
        """The configuration that applies to a target: its own, else that of a device's project,
        else of the organisation, else your own. 404 when there is none.
        """
        query = parsed_query(serializers.SearchQuery, request)
        target = requested_target(request, query["target"], OF_CONFIGURATION)
        chain = configuration_chain(target, actor_of(request))
        attribute = first_config_attribute(chain, query["name"])
        return Response(serializers.AttributeOutput(attribute).data)
