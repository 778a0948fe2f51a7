"""What a project holds, in numbers."""

from server.apps.devices.models import Project
from server.apps.devices.selectors import count_devices_in
from server.apps.streams.models import StreamId, StreamVariable


def counts_of_project(project: Project) -> dict[str, int]:
    active, inactive = count_devices_in(project)
    return {
        "active_devices": active,
        "inactive_devices": inactive,
        "variables": StreamVariable.objects.filter(project=project).count(),
        "streams": StreamId.objects.filter(project=project, enabled=True).count(),
    }
