"""Claimed devices with streams; a test names only what matters to it."""

from server.apps.devices.models import Device, Project, SensorGraph
from server.apps.devices.services.devices import enter_project
from server.apps.devices.tests.factories import make_device, make_sensor_graph
from server.apps.streams.models import VarTypeInputUnit, VarTypeOutputUnit
from server.apps.streams.services.sensor_graphs import follow_sensor_graph
from server.apps.streams.services.variables import create_variable_template


def make_water_meter_graph(*, project: Project) -> SensorGraph:
    """IO 1 on 5001: gallons in, liters stored, gallons out."""
    graph = make_sensor_graph(org=project.org)
    create_variable_template(
        sg=graph,
        label="IO 1",
        lid=0x5001,
        input_unit=VarTypeInputUnit.objects.get(pk="in--water-meter-volume--gallons"),
        output_unit=VarTypeOutputUnit.objects.get(pk="out--water-meter-volume--gallons"),
    )
    return graph


def make_claimed_device(*, project: Project, number: int | None = None) -> Device:
    device = make_device(number=number, sg=make_water_meter_graph(project=project))
    return enter(device, project)


def enter(device: Device, project: Project) -> Device:
    """Put a device into a project as claiming does, which is a use case of `lifecycle`."""
    enter_project(device=device, project=project, by=project.org.created_by)
    follow_sensor_graph(device=device, by=project.org.created_by)
    return device
