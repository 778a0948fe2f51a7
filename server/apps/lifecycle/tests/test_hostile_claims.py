"""Claiming a device with many variables costs no more queries than one with few."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from server.apps.accounts.models import Account
from server.apps.devices.models import Device, Project
from server.apps.devices.tests.factories import make_device, make_sensor_graph
from server.apps.lifecycle.services.claiming import claim_device
from server.apps.streams.models import StreamId, VarTypeOutputUnit
from server.apps.streams.services.variables import create_variable_template

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def device_with_variables(project: Project, lids: range) -> Device:
    graph = make_sensor_graph(org=project.org)
    gallons = VarTypeOutputUnit.objects.select_related("var_type").get(pk="out--water-meter-volume--gallons")
    for lid in lids:
        create_variable_template(sg=graph, label=f"IO {lid}", lid=lid, input_unit=None, output_unit=gallons)
    return make_device(sg=graph)


def queries_to_claim(device: Device, project: Project, by: Account) -> int:
    with CaptureQueriesContext(connection) as queries:
        claim_device(device=device, into=project, by=by)
    return len(queries)


def test_forty_variables_cost_as_many_queries_as_two(project: Project, alice: Account) -> None:
    small, large = device_with_variables(project, range(2)), device_with_variables(project, range(100, 140))

    of_two = queries_to_claim(small, project, alice)
    of_forty = queries_to_claim(large, project, alice)

    assert of_forty == of_two
    assert StreamId.objects.count() == 42
