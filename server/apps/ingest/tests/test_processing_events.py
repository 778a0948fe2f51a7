"""Events of dictionaries: the summary in the database, the large part on the object store, each
once."""

import json

import pytest
from django.core.files.storage import default_storage
from django.db import connections

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest.tests.sent import (
    Carrier,
    dictionary,
    process,
)
from server.apps.streams.models import StreamId

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.fixture
def carrier(device: Device, bob: Account) -> Carrier:
    return Carrier(device, bob)


def test_the_large_part_of_an_event_is_on_the_object_store(carrier: Carrier, device: Device) -> None:
    report = carrier.upload(dictionary(device), name="report.json")

    process(report)

    [(extra_data, key)] = events()
    assert json.loads(str(extra_data)) == {"peak": 7}
    with default_storage.open(str(key)) as file:
        assert json.loads(file.read()) == {"x": [1, 2, 3]}


def events() -> list[tuple[object, ...]]:
    with connections["streamdata"].cursor() as cursor:
        cursor.execute("SELECT extra_data::text, object_key FROM event ORDER BY seq")
        found: list[tuple[object, ...]] = cursor.fetchall()
    return found


def test_an_event_without_a_large_part_has_no_object(carrier: Carrier, device: Device) -> None:
    event = {"stream": 0x5020, "streamer_local_id": 5, "extra_data": {}}

    carrier.deliver(dictionary(device, events=[event]), name="report.json")

    assert events() == [("{}", None)]


def test_an_event_is_stored_once_however_often_it_comes(carrier: Carrier, device: Device) -> None:
    for _ in range(2):
        carrier.deliver(dictionary(device), name="report.json")

    assert len(events()) == 1


def test_an_event_of_a_crashed_run_keeps_its_object(carrier: Carrier, device: Device) -> None:
    """The first run put the object and got no further."""
    report = carrier.upload(dictionary(device), name="report.json")
    default_storage.save(f"events/{report.pk}/5.json", default_storage.open(report.object_key))

    process(report)

    [(_, key)] = events()
    with default_storage.open(str(key)) as file:
        assert json.loads(file.read()) == {"x": [1, 2, 3]}


def test_the_streams_of_events_are_named_too(carrier: Carrier, device: Device) -> None:
    stored = carrier.deliver(dictionary(device), name="report.json")

    assert stored is not None
    assert stored.stored == 1
    assert stored.stream_slugs == (StreamId.objects.get(var_lid=0x5020).slug,)


@pytest.mark.parametrize(
    "extra_data",
    [{"a" * 1000: "ü" * 1000}, {"n": -1.5, "big": 2**64 - 1, "t": True, "none": None, "l": [[[{}]]]}],
)
def test_whatever_the_format_takes_the_database_keeps(
    carrier: Carrier, device: Device, extra_data: dict[str, object]
) -> None:
    event = {"stream": 0x5020, "streamer_local_id": 5, "extra_data": extra_data}

    carrier.deliver(dictionary(device, events=[event]), name="report.json")

    assert json.loads(str(events()[0][0])) == extra_data
