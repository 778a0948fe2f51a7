"""The writers of a report's streams: one query when all exist, and new streams are created."""

import pytest
from pytest_django import DjangoAssertNumQueries

from server.apps.devices.models import Device, Project
from server.apps.streams.models import StreamId, StreamVariable, VarTypeInputUnit
from server.apps.streams.services.streams import StreamWriter, stream_writers
from server.lib.units import Conversion, Mdo, RawFormat

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

IO_1, NEW = 0x5001, 0x500F


def writers(device: Device, *lids: int) -> dict[int, StreamWriter]:
    assert device.project_id is not None
    return stream_writers(device_id=device.pk, project_id=device.project_id, lids=set(lids))


def test_a_known_stream_costs_one_query(
    device: Device, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        found = writers(device, IO_1)

    assert found[IO_1].slug == StreamId.objects.get(device=device).slug


def test_a_new_stream_is_made_with_its_variable(device: Device, project: Project) -> None:
    made = writers(device, IO_1, NEW)

    stream = StreamId.objects.get(device=device, var_lid=NEW)
    assert (made[NEW].key, made[NEW].slug) == (stream.key, stream.slug)
    assert stream.variable == StreamVariable.objects.get(project=project, lid=NEW)
    assert (stream.org, stream.project) == (project.org, project)


def test_a_variable_that_the_project_has_is_taken(device: Device, project: Project) -> None:
    """Its units are the new stream's."""
    variable = StreamVariable.objects.create(
        project=project,
        org=project.org,
        lid=NEW,
        name="Temperature",
        slug=f"v--{project.slug.removeprefix('p--')}--500f",
        input_unit_id="in--temp--pod1-m",
        raw_value_format="<l",
    )

    made = writers(device, NEW)

    stream = StreamId.objects.get(device=device, var_lid=NEW)
    assert (stream.variable, stream.var_name) == (variable, "Temperature")
    assert made[NEW].conversion == Conversion(RawFormat.SIGNED, Mdo(), Mdo(1, 100, 273.15))


def test_asking_again_makes_nothing(device: Device) -> None:
    first = writers(device, NEW)

    assert writers(device, NEW) == first
    assert StreamId.objects.filter(device=device).count() == 2


def test_streams_of_the_device_in_another_project_are_not_taken(device: Device, project: Project) -> None:
    StreamId.objects.filter(device=device).update(project=None)

    assert writers(device, NEW).keys() == {NEW}


def test_a_streams_own_input_unit_goes_before_its_variables(device: Device) -> None:
    StreamId.objects.update(input_unit="in--water-meter-volume--liters")
    own = writers(device)[IO_1].conversion.input_unit
    StreamId.objects.update(input_unit=None)
    inherited = writers(device)[IO_1].conversion.input_unit

    assert own == Mdo(1, 1, 0.0)
    assert inherited == VarTypeInputUnit.objects.get(pk="in--water-meter-volume--gallons").mdo


@pytest.mark.parametrize(
    ("own", "expected"),
    [({}, Mdo()), ({"multiplication_factor": 3}, Mdo(3, 1, 0.0)), ({"offset": 2.5}, Mdo(1, 1, 2.5))],
)
def test_missing_factors_of_a_stream_count_as_one_one_and_nothing(
    device: Device, own: dict[str, float], expected: Mdo
) -> None:
    StreamVariable.objects.update(multiplication_factor=100)
    StreamId.objects.update(mdo_type="S", **own)

    assert writers(device)[IO_1].conversion.mdo == expected


def test_the_factors_are_those_that_the_model_tells(device: Device) -> None:
    """The hot path reads columns and the model computes; they must agree."""
    StreamVariable.objects.update(multiplication_factor=7, division_factor=3, offset=1.5)
    for kind in ("V", "S"):
        StreamId.objects.update(mdo_type=kind, multiplication_factor=2, division_factor=5, offset=-1.0)
        assert writers(device)[IO_1].conversion.mdo == StreamId.objects.get().mdo


def test_a_disabled_stream_says_so(device: Device) -> None:
    StreamId.objects.update(enabled=False)

    assert not writers(device)[IO_1].enabled
