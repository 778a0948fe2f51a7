"""Reading, creating, changing and removing projects."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from server.api import filters
from server.api.project import serializers
from server.api.references import named_org
from server.api.staff import STAFF, require_staff_asking
from server.apps.accounts.selectors.accounts import actor_of, is_staff_request
from server.apps.devices.models import Project, ProjectTemplate
from server.apps.devices.selectors.catalogue import project_template_for, project_template_of_device
from server.apps.devices.selectors.devices import project_for, projects_of
from server.apps.devices.services.projects import change_project
from server.apps.lifecycle.services.project_deleting import delete_project
from server.apps.streams.selectors.projects import counts_of_project
from server.apps.streams.services.projects import start_project
from server.core.errors import Invalid, NotFound
from server.core.rest.parsing import parsed
from server.core.rest.views import ReadViewSet


def project_to_change(request: Request, id_or_slug: str) -> Project:
    return project_for(actor_of(request), id_or_slug, staff=is_staff_request(request))


class Projects(ReadViewSet[Project]):
    """The projects of your organisations."""

    serializer_class = serializers.ProjectOutput
    filterset_class = filters.ProjectFilters

    def get_queryset(self) -> QuerySet[Project]:
        return projects_of(self.request.user, staff=is_staff_request(self.request))

    @extend_schema(parameters=[STAFF])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The projects of your organisations, by organisation and name."""
        return super().list(request, *args, **kwargs)

    @extend_schema(
        parameters=[STAFF],
        request=serializers.NewProjectInput,
        responses={201: serializers.ProjectOutput},
    )
    def create(self, request: Request) -> Response:
        """Create a project, with the variables of its template."""
        by = actor_of(request)
        data = parsed(serializers.NewProjectInput, request)
        project = start_project(
            name=data["name"],
            about=data.get("about", ""),
            org=named_org(request, data["org"]),
            template=_template(request, data.get("project_template")),
            by=by,
            staff=is_staff_request(request),
        )
        names = data.get("names_make_variables", project.names_make_variables)
        if names != project.names_make_variables:
            change_project(
                project=project,
                by=by,
                changes={"names_make_variables": names},
                staff=is_staff_request(request),
            )
        return Response(serializers.ProjectOutput(project).data, status=status.HTTP_201_CREATED)


class OneProject(ReadViewSet[Project]):
    """A project, by UUID or slug."""

    serializer_class = serializers.ProjectOutput

    def get_queryset(self) -> QuerySet[Project]:
        return projects_of(self.request.user, staff=is_staff_request(self.request))

    def get_object(self) -> Project:
        return project_to_change(self.request, self.kwargs["id_or_slug"])

    @extend_schema(parameters=[STAFF])
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A project of your organisations, by UUID or slug."""
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(parameters=[STAFF], request=serializers.ProjectInput)
    def update(self, request: Request, id_or_slug: str) -> Response:
        """Change name, description and template. A project stays in its organisation."""
        return self._change(request, partial=False)

    @extend_schema(parameters=[STAFF], request=serializers.ProjectInput)
    def partial_update(self, request: Request, id_or_slug: str) -> Response:
        """Change the given fields."""
        return self._change(request, partial=True)

    def _change(self, request: Request, *, partial: bool) -> Response:
        project, by = self.get_object(), actor_of(request)
        changes = parsed(serializers.ProjectInput, request, partial=partial)
        if changes.pop("org", project.org.slug) != project.org.slug:
            raise Invalid("A project stays in its organisation.", field="org")
        if "project_template" in changes:
            changes["project_template"] = _template(request, changes["project_template"])
        change_project(project=project, by=by, changes=changes, staff=is_staff_request(request))
        return Response(serializers.ProjectOutput(project).data)

    @extend_schema(parameters=[STAFF], responses={202: serializers.DeletionOutput})
    def destroy(self, request: Request, id_or_slug: str) -> Response:
        """Remove a project without devices, with all its data, by an operation. For staff with
        `?staff=1`."""
        require_staff_asking(request)
        operation = delete_project(project=self.get_object(), by=actor_of(request))
        return Response({"pid": str(operation.pk)}, status=status.HTTP_202_ACCEPTED)


def _template(request: Request, slug: str | None) -> ProjectTemplate | None:
    if not slug:
        return None
    try:
        return project_template_for(request.user, slug)
    except NotFound as error:
        raise Invalid(f"There is no {slug}.", field="project_template") from error


class StartProject(APIView):
    @extend_schema(
        parameters=[STAFF], request=serializers.StartInput, responses={201: serializers.StartOutput}
    )
    def post(self, request: Request) -> Response:
        """Create a project for a device before claiming it, with the variables of its sensor
        graph's project template."""
        by = actor_of(request)
        data = parsed(serializers.StartInput, request)
        project = start_project(
            name=data["name"],
            about=data.get("about", ""),
            org=named_org(request, data["org"]),
            template=project_template_of_device(by, data.get("device") or ""),
            by=by,
            staff=is_staff_request(request),
        )
        return Response({"id": project.pk}, status=status.HTTP_201_CREATED)


class ProjectExtra(APIView):
    @extend_schema(parameters=[STAFF], responses=serializers.ProjectExtraOutput)
    def get(self, request: Request, id_or_slug: str) -> Response:
        """A project with the counts of its devices, variables and streams."""
        project = project_to_change(request, id_or_slug)
        counts = counts_of_project(project)
        return Response({**serializers.ProjectOutput(project).data, "counts": counts})
