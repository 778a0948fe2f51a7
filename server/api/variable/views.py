"""Reading, creating, changing and removing variables."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import filters
from server.api.references import named_project
from server.api.staff import STAFF, require_staff_asking
from server.api.variable import serializers
from server.api.vartype.serializers import VarTypeOutput
from server.apps.accounts.selectors.accounts import actor_of, is_staff_request
from server.apps.streams.models import StreamVariable
from server.apps.streams.selectors.catalogue import var_type_for
from server.apps.streams.selectors.data import variable_for, variables_of
from server.apps.streams.services.editing import add_variable, change_variable, delete_variable
from server.core.errors import Invalid, NotFound
from server.core.rest.pagination import LargePages
from server.core.rest.parsing import parsed
from server.core.rest.views import ReadView, ReadViewSet


class Variables(ReadViewSet[StreamVariable]):
    """The variables of your organisations, and those that belong to everybody."""

    serializer_class = serializers.VariableOutput
    pagination_class = LargePages
    filterset_class = filters.VariableFilters

    def get_queryset(self) -> QuerySet[StreamVariable]:
        staff = is_staff_request(self.request)
        return variables_of(self.request.user, staff=staff, with_templates=True).order_by("slug")

    @extend_schema(parameters=[STAFF])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The variables of your organisations, and those that belong to everybody."""
        return super().list(request, *args, **kwargs)

    @extend_schema(
        parameters=[STAFF], request=serializers.VariableInput, responses={201: serializers.VariableOutput}
    )
    def create(self, request: Request) -> Response:
        """Create a variable of a project."""
        by, data = actor_of(request), parsed(serializers.VariableInput, request)
        project = named_project(request, data.pop("project"))
        variable = add_variable(project=project, by=by, changes=data, staff=is_staff_request(request))
        return Response(serializers.VariableOutput(variable).data, status=status.HTTP_201_CREATED)


class OneVariable(ReadViewSet[StreamVariable]):
    """A variable, by its slug."""

    serializer_class = serializers.VariableOutput

    def get_queryset(self) -> QuerySet[StreamVariable]:
        return variables_of(self.request.user, staff=is_staff_request(self.request))

    def get_object(self) -> StreamVariable:
        staff = is_staff_request(self.request)
        return variable_for(self.request.user, self.kwargs["slug"], staff=staff)

    @extend_schema(parameters=[STAFF])
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A variable, by its slug."""
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(parameters=[STAFF], request=serializers.VariableInput)
    def update(self, request: Request, slug: str) -> Response:
        """Change a variable. Stored values stay as they are; a note about each affected stream
        records what changed."""
        return self._change(request, partial=False)

    @extend_schema(parameters=[STAFF], request=serializers.VariableInput)
    def partial_update(self, request: Request, slug: str) -> Response:
        """Change the given fields of a variable; see PUT."""
        return self._change(request, partial=True)

    def _change(self, request: Request, *, partial: bool) -> Response:
        variable, by = self.get_object(), actor_of(request)
        changes = parsed(serializers.VariableInput, request, partial=partial)
        project = changes.pop("project", None)
        if project is not None and named_project(request, project) != variable.project:
            raise Invalid("A variable stays in its project.", field="project")
        if changes.pop("lid", variable.lid) != variable.lid:
            raise Invalid("The local variable id cannot be changed.", field="lid")
        change_variable(variable=variable, by=by, changes=changes, staff=is_staff_request(request))
        return Response(serializers.VariableOutput(variable).data)

    @extend_schema(parameters=[STAFF], responses={204: None})
    def destroy(self, request: Request, slug: str) -> Response:
        """Remove a variable that has no streams. For staff with `?staff=1`."""
        require_staff_asking(request)
        delete_variable(variable=self.get_object(), by=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class TypeOfVariable(ReadView):
    @extend_schema(parameters=[STAFF], responses=VarTypeOutput)
    def get(self, request: Request, slug: str) -> Response:
        """The variable type of a variable, with all its units. 404 for a variable without a
        type."""
        variable = variable_for(request.user, slug, staff=is_staff_request(request))
        if variable.var_type_id is None:
            raise NotFound("The variable has no type.")
        var_type = var_type_for(variable.var_type_id)
        return Response(VarTypeOutput(var_type).data)
