"""Use case: a device is claimed into a project, and gets the streams of its sensor graph."""

import pytest

from server.apps.accounts.models import Account, Org, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.factories import make_account
from server.apps.devices.models import Device, Project
from server.apps.devices.tests.factories import make_device, make_project, make_sensor_graph
from server.apps.lifecycle.services.claiming import claim_device
from server.apps.streams.models import StreamId, StreamVariable, VarTypeInputUnit, VarTypeOutputUnit
from server.apps.streams.services.variables import create_variable, create_variable_template
from server.apps.streams.tests.factories import make_water_meter_graph
from server.core.errors import Conflict, Forbidden
from server.core.tests.committed import at_once, committed

__all__ = ["committed"]  # two people claim at once

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.fixture
def meter(project: Project) -> Device:
    """Has a sensor graph and no owner."""
    return make_device(number=0x81, sg=make_water_meter_graph(project=project))


def user_with(role: Role, org: Org) -> Account:
    user = make_account()
    add_member(org=org, user=user, role=role)
    return user


def test_a_claimed_device_is_in_the_project_and_its_org(
    meter: Device, project: Project, alice: Account
) -> None:
    claimed = claim_device(device=meter, into=project, by=alice)

    stored = Device.objects.get(pk=meter.pk)
    for device in (claimed, stored):
        assert (device.project, device.org, device.claimed_by) == (project, project.org, alice)
        assert device.claimed_on is not None


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN, Role.DEVELOPER])
def test_roles_with_the_permission_may_claim(meter: Device, project: Project, role: Role) -> None:
    claim_device(device=meter, into=project, by=user_with(role, project.org))

    assert Device.objects.get(pk=meter.pk).claimed


@pytest.mark.parametrize("role", [Role.MEMBER, Role.OPERATOR, Role.DEREGISTERED])
def test_other_roles_may_not_claim(meter: Device, project: Project, role: Role) -> None:
    with pytest.raises(Forbidden):
        claim_device(device=meter, into=project, by=user_with(role, project.org))

    assert not Device.objects.get(pk=meter.pk).claimed


def test_a_stranger_may_not_claim_into_the_project_of_others(
    meter: Device, project: Project, charlie: Account
) -> None:
    with pytest.raises(Forbidden):
        claim_device(device=meter, into=project, by=charlie)


def test_a_device_is_claimed_once(meter: Device, project: Project, alice: Account) -> None:
    claim_device(device=meter, into=project, by=alice)

    with pytest.raises(Conflict, match="not claimable"):
        claim_device(device=meter, into=project, by=alice)


def test_a_device_of_others_is_not_taken_from_them(
    meter: Device, project: Project, alice: Account, charlie: Account
) -> None:
    claim_device(device=meter, into=project, by=alice)

    with pytest.raises(Conflict):
        claim_device(device=meter, into=make_project(org=charlie.orgs.get()), by=charlie)

    assert Device.objects.get(pk=meter.pk).project == project


def test_a_device_set_aside_for_an_organisation_is_not_for_another(
    meter: Device, project: Project, alice: Account
) -> None:
    Device.objects.filter(pk=meter.pk).update(org=make_project().org)

    with pytest.raises(Conflict):
        claim_device(device=meter, into=project, by=alice)


def test_of_two_who_claim_at_once_one_wins(
    meter: Device, project: Project, alice: Account, charlie: Account
) -> None:
    other = make_project(org=charlie.orgs.get())

    results = at_once(
        lambda: claim_device(device=Device.objects.get(pk=meter.pk), into=project, by=alice),
        lambda: claim_device(device=Device.objects.get(pk=meter.pk), into=other, by=charlie),
    )

    [winner] = [result for result in results if isinstance(result, Device)]
    [loser] = [result for result in results if not isinstance(result, Device)]
    assert isinstance(loser, Conflict)
    assert Device.objects.get(pk=meter.pk).project_id == winner.project_id
    assert set(StreamId.objects.values_list("project", flat=True)) == {winner.project_id}


def test_each_variable_template_becomes_a_variable_and_a_stream(
    meter: Device, project: Project, alice: Account
) -> None:
    claim_device(device=meter, into=project, by=alice)

    variable, stream = StreamVariable.objects.get(project=project), StreamId.objects.get(device=meter)
    gid = project.slug.removeprefix("p--")
    assert (variable.slug, variable.name, variable.lid) == (f"v--{gid}--5001", "IO 1", 0x5001)
    assert stream.slug == f"s--{gid}--0000-0000-0000-0081--5001"
    assert (stream.variable, stream.project, stream.org) == (variable, project, project.org)


def test_units_and_format_come_from_the_template(meter: Device, project: Project, alice: Account) -> None:
    claim_device(device=meter, into=project, by=alice)

    for made in (StreamVariable.objects.get(), StreamId.objects.get()):
        assert made.var_type_id == "water-meter-volume"
        assert made.input_unit_id == "in--water-meter-volume--gallons"
        assert made.output_unit_id == "out--water-meter-volume--gallons"
        assert made.raw_value_format == "<L"
    assert (StreamVariable.objects.get().units, StreamVariable.objects.get().decimal_places) == ("gal", 0)


def test_a_signed_variable_stays_signed(project: Project, alice: Account) -> None:
    graph = make_sensor_graph(org=project.org)
    create_variable_template(
        sg=graph,
        label="Temperature",
        lid=0x5023,
        input_unit=VarTypeInputUnit.objects.get(pk="in--temp--pod1-m"),
        output_unit=VarTypeOutputUnit.objects.get(pk="out--temp--celsius"),
        ctype="<l",
    )

    claim_device(device=make_device(sg=graph), into=project, by=alice)

    assert StreamId.objects.get().raw_value_format == "<l"


def test_devices_of_one_project_share_their_variables(project: Project, alice: Account) -> None:
    graph = make_water_meter_graph(project=project)
    for number in (0x91, 0x92):
        claim_device(device=make_device(number=number, sg=graph), into=project, by=alice)

    assert StreamVariable.objects.count() == 1
    assert StreamId.objects.count() == 2


def test_a_variable_that_the_project_has_is_left_as_it_is(
    meter: Device, project: Project, alice: Account
) -> None:
    mine = create_variable(project=project, lid=0x5001, name="Water in the cellar", by=alice)

    claim_device(device=meter, into=project, by=alice)

    assert StreamVariable.objects.get() == mine
    assert StreamId.objects.get().var_name == "Water in the cellar"


def test_devices_claimed_at_once_into_one_project_share_its_new_variables(
    project: Project, alice: Account
) -> None:
    graph = make_water_meter_graph(project=project)
    devices = [make_device(sg=graph) for _ in range(4)]

    results = at_once(
        *[lambda device=device: claim_device(device=device, into=project, by=alice) for device in devices]
    )

    assert [type(result) for result in results] == [Device] * 4, results
    assert (StreamVariable.objects.count(), StreamId.objects.count()) == (1, 4)


def test_a_device_without_a_sensor_graph_has_no_streams_yet(project: Project, alice: Account) -> None:
    claim_device(device=make_device(), into=project, by=alice)

    assert not StreamId.objects.exists()


def test_two_projects_have_variables_of_their_own(acme: Org, alice: Account) -> None:
    for name in ("North", "South"):
        project = make_project(name=name, org=acme)
        claim_device(device=make_device(sg=make_water_meter_graph(project=project)), into=project, by=alice)

    assert StreamVariable.objects.count() == 2
