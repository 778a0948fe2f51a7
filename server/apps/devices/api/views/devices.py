"""Reading projects and devices."""

from django.db.models import QuerySet

from server.apps.devices import selectors
from server.apps.devices.api import filters
from server.apps.devices.api.serializers import devices as serializers
from server.apps.devices.models import Device, Project
from server.core.rest.pagination import LargePages
from server.core.rest.views import ReadViewSet


class Projects(ReadViewSet[Project]):
    """The projects of one's organisations, by UUID or slug."""

    serializer_class = serializers.ProjectOutput
    filterset_class = filters.ProjectFilters

    def get_queryset(self) -> QuerySet[Project]:
        return selectors.projects_of(self.request.user)

    def get_object(self) -> Project:
        return selectors.project_for(self.request.user, self.kwargs["id_or_slug"])


class Devices(ReadViewSet[Device]):
    """The devices of one's organisations, by any form of their slugs."""

    serializer_class = serializers.DeviceOutput
    pagination_class = LargePages
    filterset_class = filters.DeviceFilters

    def get_queryset(self) -> QuerySet[Device]:
        return selectors.devices_of(self.request.user)

    def get_object(self) -> Device:
        return selectors.device_for(self.request.user, self.kwargs["slug"])
