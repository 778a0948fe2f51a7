"""Contents of a project."""

from django.db.models import QuerySet

from server.apps.devices.models import Project
from server.apps.devices.selectors.devices import count_devices_in
from server.apps.streams.models import DataBlock, StreamId, StreamVariable


def counts_of_project(project: Project) -> dict[str, int]:
    active, inactive = count_devices_in(project)
    return {
        "active_devices": active,
        "inactive_devices": inactive,
        "variables": StreamVariable.objects.filter(project=project, declared=True).count(),
        "streams": StreamId.objects.filter(project=project, enabled=True, declared=True).count(),
    }


def streams_of_project(project: Project) -> QuerySet[StreamId]:
    return StreamId.objects.filter(project=project)


def archives_made_from(project: Project, *, limit: int) -> list[str]:
    """Return slugs of data blocks whose streams have variables of the project."""
    archives = DataBlock.objects.filter(streams__variable__project=project).distinct()
    return list(archives.order_by("slug").values_list("slug", flat=True)[:limit])
