"""Use cases: creating devices, and the catalogue of their kinds."""

import pytest
from django.db import IntegrityError, transaction

from server.apps.accounts.models import Account, Org
from server.apps.devices.models import Device, Project
from server.apps.devices.services.catalogue import create_device_template, create_sensor_graph
from server.apps.devices.services.devices import create_device
from server.apps.devices.tests.factories import make_device
from server.core.errors import Conflict, Invalid

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def test_a_new_device_is_nobodys(alice: Account) -> None:
    device = create_device(number=0x81, by=alice)

    assert (device.org, device.project, device.claimed, device.created_by) == (None, None, False, alice)


def test_its_slug_and_label_come_from_its_number() -> None:
    device = create_device(number=0x1234ABCD, by=None)

    assert (device.slug, device.gid) == ("d--0000-0000-1234-abcd", "0000-0000-1234-abcd")
    assert device.label == "Device (abcd)"


@pytest.mark.parametrize("number", [0, 1, 2**32, 2**48 - 1])
def test_a_number_has_up_to_48_bits(number: int) -> None:
    assert create_device(number=number, by=None).pk == number


@pytest.mark.parametrize("number", [-1, 2**48, 2**64])
def test_other_numbers_are_refused(number: int) -> None:
    with pytest.raises(Invalid) as refused:
        create_device(number=number, by=None)

    assert refused.value.field == "id"


@pytest.mark.parametrize("number", [-1, 2**48])
def test_the_database_refuses_them_too(number: int) -> None:
    with pytest.raises(IntegrityError, match="48_bits"):
        Device.objects.create(id=number, slug="d--anything")


def test_a_known_number_is_refused_and_the_device_stays(alice: Account) -> None:
    create_device(number=0x81, by=alice, label="Pump")

    with pytest.raises(Conflict) as refused:
        create_device(number=0x81, by=alice, label="Another")

    assert refused.value.field == "id"
    assert Device.objects.get(pk=0x81).label == "Pump"


def test_a_device_in_a_project_has_an_org(project: Project) -> None:
    device = make_device()

    with pytest.raises(IntegrityError, match="has_an_org"), transaction.atomic():
        Device.objects.filter(pk=device.pk).update(project=project, org=None)


@pytest.mark.parametrize(("state", "busy"), [("N0", False), ("N1", False), ("B0", True), ("B1", True)])
def test_a_device_that_resets_or_archives_is_busy(state: str, busy: bool) -> None:
    assert Device(state=state).busy is busy


def test_kinds_of_devices_are_named_with_their_version(acme: Org, alice: Account) -> None:
    template = create_device_template(sku="Level Meter", version=(1, 2, 3), org=acme, by=alice)
    graph = create_sensor_graph(name="Level Meter", version=(1, 4, 0), org=acme, by=alice)

    assert template.slug == "level-meter-v1-2-3"
    assert graph.slug == "level-meter-v1-4-0"


def test_versions_of_one_kind_stand_side_by_side(acme: Org, alice: Account) -> None:
    slugs = [
        create_sensor_graph(name="Level Meter", version=(1, minor, 0), org=acme, by=alice).slug
        for minor in (1, 2)
    ]

    assert slugs == ["level-meter-v1-1-0", "level-meter-v1-2-0"]


def test_a_version_that_is_there_is_refused(acme: Org, alice: Account) -> None:
    create_sensor_graph(name="Level Meter", version=(1, 1, 0), org=acme, by=alice)
    create_device_template(sku="Level Meter", version=(1, 1, 0), org=acme, by=alice)

    with pytest.raises(Conflict):
        create_sensor_graph(name="Level Meter", version=(1, 1, 0), org=acme, by=alice)
    with pytest.raises(Conflict):
        create_device_template(sku="Level Meter", version=(1, 1, 0), org=acme, by=alice)
