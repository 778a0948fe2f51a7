"""Events of dictionaries: the summary in the database, the large part on the object store, each
once."""

import json

import pytest
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


def test_a_large_part_below_2_kb_is_in_the_row_of_its_event(carrier: Carrier, device: Device) -> None:
    report = carrier.upload(dictionary(device), name="report.json")

    process(report)

    [(extra_data, data, key)] = events()
    assert json.loads(str(extra_data)) == {"peak": 7}
    assert json.loads(str(data)) == {"x": [1, 2, 3]}
    assert key is None


def events() -> list[tuple[object, ...]]:
    with connections["streamdata"].cursor() as cursor:
        cursor.execute("SELECT extra_data::text, data, object_key FROM event ORDER BY seq")
        found: list[tuple[object, ...]] = cursor.fetchall()
    return found


def test_an_event_without_a_large_part_has_no_object(carrier: Carrier, device: Device) -> None:
    event = {"stream": 0x5020, "streamer_local_id": 5, "extra_data": {}}

    carrier.deliver(dictionary(device, events=[event]), name="report.json")

    assert events() == [("{}", None, None)]


def test_an_event_is_stored_once_however_often_it_comes(carrier: Carrier, device: Device) -> None:
    for _ in range(2):
        carrier.deliver(dictionary(device), name="report.json")

    assert len(events()) == 1


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
