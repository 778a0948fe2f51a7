"""Variables of a project, system variables, and the gate to them."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError

from server.apps.accounts.models import Account
from server.apps.devices.models import Device, Project
from server.apps.devices.tests.factories import make_project, make_sensor_graph
from server.apps.streams.models import StreamVariable, VarTypeInputUnit, VarTypeOutputUnit
from server.apps.streams.selectors.data import (
    input_unit,
    output_unit,
    variable_for,
    variables_of,
    variables_of_project,
)
from server.apps.streams.services.variables import create_variable, create_variable_template
from server.core.errors import Conflict, Invalid, NotFound

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def system_variable(lid: int = 0x5C00) -> StreamVariable:
    """The same on all devices: it belongs to no project."""
    return StreamVariable.objects.create(slug=f"v--0000-0000--{lid:04x}", lid=lid, name="Rebooted")


def test_a_variable_gets_its_slug_from_project_and_local_id(project: Project, alice: Account) -> None:
    variable = create_variable(project=project, lid=0x500F, name="Temperature", by=alice)

    assert variable.slug == f"v--{project.slug.removeprefix('p--')}--500f"
    assert (variable.org, variable.created_by) == (project.org, alice)


@pytest.mark.parametrize("lid", [0, 0x5C00, 0xFFFF])
def test_a_local_id_has_16_bits(project: Project, lid: int) -> None:
    assert create_variable(project=project, lid=lid, name="x", by=None).lid == lid


@pytest.mark.parametrize("lid", [-1, 0x1_0000])
def test_other_local_ids_are_refused(project: Project, lid: int) -> None:
    with pytest.raises(Invalid) as refused:
        create_variable(project=project, lid=lid, name="x", by=None)

    assert refused.value.field == "lid"


def test_a_project_has_a_local_id_once(project: Project) -> None:
    create_variable(project=project, lid=0x5001, name="first", by=None)

    with pytest.raises(Conflict) as refused:
        create_variable(project=project, lid=0x5001, name="second", by=None)

    assert refused.value.field == "lid"
    assert StreamVariable.objects.get().name == "first"


def test_there_is_one_system_variable_with_a_local_id() -> None:
    system_variable()

    with pytest.raises(IntegrityError):
        StreamVariable.objects.create(slug="v--other", lid=0x5C00, name="again")


@pytest.mark.parametrize("lid", [-1, 0x1_0000])
def test_a_template_refuses_a_local_id_over_16_bits(project: Project, lid: int) -> None:
    with pytest.raises(Invalid):
        create_variable_template(
            sg=make_sensor_graph(org=project.org),
            label="x",
            lid=lid,
            input_unit=None,
            output_unit=VarTypeOutputUnit.objects.get(pk="out--temp--celsius"),
        )


def test_a_variable_divides_by_something(project: Project) -> None:
    variable = create_variable(project=project, lid=0x5001, name="x", by=None)

    with pytest.raises(IntegrityError, match="divides_by_something"):
        StreamVariable.objects.filter(pk=variable.pk).update(division_factor=0)


@pytest.mark.parametrize("column", ["m", "d"])
def test_a_unit_can_be_reversed_and_divides_by_something(column: str) -> None:
    with pytest.raises(IntegrityError):
        VarTypeInputUnit.objects.filter(pk="in--temp--pod1-m").update(**{column: 0})


def test_members_reach_a_variable_by_any_form_of_its_slug(
    device: Device, project: Project, bob: Account
) -> None:
    variable = StreamVariable.objects.get(project=project)

    for slug in (variable.slug, variable.slug.upper(), f"v--{project.gid:04x}--5001"):
        assert variable_for(bob, slug) == variable


def test_strangers_do_not_reach_a_variable(device: Device, project: Project, charlie: Account) -> None:
    slug = StreamVariable.objects.get(project=project).slug

    for user in (charlie, AnonymousUser()):
        with pytest.raises(NotFound):
            variable_for(user, slug)


@pytest.mark.parametrize("slug", ["", "v--", "v--zzzz--5001", "s--0001--0001--5001", "5001", "\x00"])
def test_what_names_no_variable_is_not_there(device: Device, alice: Account, slug: str) -> None:
    with pytest.raises(NotFound):
        variable_for(alice, slug)


def test_a_system_variable_is_everybodys(alice: Account, charlie: Account) -> None:
    reboot = system_variable()

    for user in (alice, charlie):
        assert variable_for(user, "v--0000-0000--5c00") == reboot


def test_variables_are_those_of_ones_organisations_and_of_the_system(
    device: Device, charlie: Account
) -> None:
    reboot = system_variable()
    own = create_variable(project=make_project(org=charlie.orgs.get()), lid=0x5001, name="x", by=charlie)

    assert set(variables_of(charlie)) == {own, reboot}


def test_the_variables_of_a_project_leave_the_systems_out(
    device: Device, project: Project, alice: Account
) -> None:
    system_variable()

    assert [v.lid for v in variables_of_project(alice, project)] == [0x5001]


def test_units_are_found_by_their_slug() -> None:
    assert input_unit("in--temp--pod1-m").m == 1
    assert output_unit("out--temp--celsius").var_type.pk == "temp"


def test_a_unit_that_is_none_is_not_there() -> None:
    with pytest.raises(NotFound, match="in--no--unit"):
        input_unit("in--no--unit")
    with pytest.raises(NotFound, match="out--no--unit"):
        output_unit("out--no--unit")
