"""Valid projects and devices; a test names only what matters to it."""

import itertools

from server.apps.accounts.models import Account, Org
from server.apps.accounts.tests.factories import make_org
from server.apps.devices.models import Device, Project, SensorGraph
from server.apps.devices.services.catalogue import create_sensor_graph
from server.apps.devices.services.devices import create_device
from server.apps.devices.services.projects import create_project

_numbers = itertools.count(1)
_device_numbers = itertools.count(0x81)


def make_project(*, name: str = "", org: Org | None = None) -> Project:
    org = org or make_org()
    return create_project(name=name or f"Project {next(_numbers)}", org=org, by=org.created_by)


def make_sensor_graph(*, org: Org, name: str = "") -> SensorGraph:
    name = name or f"Graph {next(_numbers)}"
    return create_sensor_graph(name=name, version=(1, 0, 0), org=org, by=org.created_by)


def make_device(
    *, number: int | None = None, sg: SensorGraph | None = None, by: Account | None = None
) -> Device:
    """Not claimed."""
    number = next(_device_numbers) if number is None else number
    return create_device(number=number, by=by, sg=sg)
