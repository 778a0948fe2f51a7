"""Variable types: kinds of quantities with their units. Everybody may read them; staff write."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_201_CREATED

from server.api.vartype import serializers
from server.api.vartype.filters import VarTypeFilters
from server.apps.accounts.models import OrgApiKey
from server.apps.accounts.selectors.accounts import actor_of
from server.apps.devices.selectors.catalogue import Reader
from server.apps.streams.models import VarType
from server.apps.streams.selectors.catalogue import var_type_for, var_types
from server.apps.streams.services.catalogue import VarTypeParts, change_var_type, create_var_type
from server.core.rest.bodies import DOCUMENT_BODY_BYTES
from server.core.rest.parsing import parsed
from server.core.rest.permissions import StaffWrites
from server.core.rest.views import ReadViewSet


def _reader(request: Request) -> Reader:
    return request.auth.org if isinstance(request.auth, OrgApiKey) else request.user


class VarTypes(ReadViewSet[VarType]):
    """Kinds of quantities with their input and output units, and how their events are decoded. For
    everybody."""

    max_body_bytes = DOCUMENT_BODY_BYTES
    serializer_class = serializers.VarTypeOutput
    filterset_class = VarTypeFilters
    permission_classes = (StaffWrites,)
    api_key_scope: ClassVar[str] = OrgApiKey.Scope.CATALOGUE

    def get_queryset(self) -> QuerySet[VarType]:
        return var_types()

    def get_object(self) -> VarType:
        return var_type_for(self.kwargs["slug"])

    @extend_schema(request=serializers.VarTypeInput, responses={201: serializers.VarTypeOutput})
    def create(self, request: Request) -> Response:
        """Create a kind of quantity, with its units. Staff only."""
        data = parsed(serializers.VarTypeInput, request)
        made = create_var_type(name=data.pop("name"), by=actor_of(request), parts=_parts(data), **data)
        return self._response(made.slug, status=HTTP_201_CREATED)

    @extend_schema(request=serializers.VarTypeInput, responses=serializers.VarTypeOutput)
    def update(self, request: Request, slug: str) -> Response:
        """Change a kind of quantity. Units can be added and renamed, not removed, and their factors
        stay. Staff only."""
        return self._change(partial=False)

    @extend_schema(request=serializers.VarTypeInput, responses=serializers.VarTypeOutput)
    def partial_update(self, request: Request, slug: str) -> Response:
        """Change the given fields of a kind of quantity. Units can be added and renamed, not
        removed. Staff only."""
        return self._change(partial=True)

    def _change(self, *, partial: bool) -> Response:
        var_type = self.get_object()
        data = parsed(serializers.VarTypeInput, self.request, partial=partial)
        change_var_type(var_type, by=actor_of(self.request), parts=_parts(data), **data)
        return self._response(var_type.slug)

    def _response(self, slug: str, *, status: int = 200) -> Response:
        """Reads it again, since its parts have changed."""
        return Response(serializers.VarTypeOutput(var_type_for(slug)).data, status=status)


def _parts(data: dict[str, Any]) -> VarTypeParts:
    """Remove the parts from the form's data and return them."""
    return VarTypeParts(
        input_units=data.pop("available_input_units", None),
        output_units=data.pop("available_output_units", None),
        decoder=data.pop("decoder", None),
        schema=data.pop("schema", None),
    )
