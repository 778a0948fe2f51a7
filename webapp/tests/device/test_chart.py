"""The points of a chart."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from server.apps.accounts.models import Account
from server.apps.devices.models import Device, Project
from server.apps.streams.models import StreamId, VarTypeOutputUnit
from server.apps.streams.tests.factories import make_claimed_device
from server.apps.streams.tests.readings import Given, store_readings
from webapp.tests.queries import counted
from webapp.tests.stored import IO_1, store

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


def address(device: Device, stream: StreamId | None = None) -> str:
    stream = stream or StreamId.objects.get(device=device, var_lid=IO_1)
    return f"/device/{device.slug}/stream/{stream.slug}/chart.json"


def points(client: Client, device: Device, **query: str) -> dict[str, object]:
    answer = client.get(address(device), query)
    assert answer.status_code == 200
    found: dict[str, object] = answer.json()
    return found


def test_each_reading_is_a_point_while_there_are_few(as_alice: Client, device: Device) -> None:
    now = timezone.now().replace(microsecond=0)
    store_readings(
        device, [Given(1, now - timedelta(hours=2), 10), Given(2, now - timedelta(hours=1), 30)], received=now
    )

    found = points(as_alice, device, range="1d")

    assert found["t"] == [(now - timedelta(hours=2)).timestamp(), (now - timedelta(hours=1)).timestamp()]
    assert found["mean"] == found["min"] == found["max"] == [10, 30]
    assert (found["n"], found["thinned"]) == ([1, 1], False)
    assert (found["label"], found["unit"], found["decimals"]) == ("IO 1", "gal", 0)


def test_many_readings_become_bands(as_alice: Client, device: Device) -> None:
    now = timezone.now().replace(microsecond=0)
    given = [Given(n + 1, now - timedelta(seconds=n), n % 7) for n in range(3000)]
    store_readings(device, given, received=now)

    found = points(as_alice, device, range="1h")

    assert found["thinned"] is True
    assert isinstance(found["t"], list)
    assert 300 < len(found["t"]) <= 602
    assert sum(found["n"]) == 3000  # type: ignore[call-overload]  # JSON has no types
    whole_bands = found["max"][1:-1]  # type: ignore[index]  # as above; the first and the last one may be cut
    assert set(whole_bands) <= {4, 5, 6}


def test_points_are_in_the_output_unit(as_alice: Client, alice: Account, device: Device) -> None:
    liters = VarTypeOutputUnit.objects.get(pk="out--water-meter-volume--liters")
    StreamId.objects.filter(device=device).update(output_unit=liters)
    store(device, alice, [1000])

    found = points(as_alice, device)

    assert (found["unit"], found["mean"]) == ("L", [3785.41])


def test_a_unit_that_turns_values_round_keeps_the_least_below_the_most(
    as_alice: Client, device: Device
) -> None:
    unit = VarTypeOutputUnit.objects.get(pk="out--water-meter-volume--liters")
    upside_down = VarTypeOutputUnit.objects.create(
        slug="out--test--upside-down", unit_full="Down", m=-1, var_type=unit.var_type
    )
    StreamId.objects.filter(device=device).update(output_unit=upside_down, input_unit=None)
    now = timezone.now().replace(minute=30, second=0, microsecond=0) - timedelta(days=1)
    store_readings(device, [Given(1, now, 10), Given(2, now + timedelta(minutes=1), 30)], received=now)

    found = points(as_alice, device, range="1y")

    low, high = found["min"], found["max"]
    assert isinstance(low, list)
    assert isinstance(high, list)
    assert low[0] < high[0]


def test_an_empty_range_has_the_time_of_the_newest_reading(
    as_alice: Client, alice: Account, device: Device
) -> None:
    store(device, alice, [1], ago=timedelta(days=9))

    found = points(as_alice, device, range="1d")

    assert found["t"] == []
    assert found["last"] == pytest.approx((timezone.now() - timedelta(days=9)).timestamp(), abs=60)


def test_a_stream_without_readings_has_no_newest(as_alice: Client, device: Device) -> None:
    assert points(as_alice, device)["last"] is None


def test_a_custom_range_is_answered_as_requested(as_alice: Client, alice: Account, device: Device) -> None:
    found = points(as_alice, device, start="2026-02-01T00:00:00Z", end="2026-02-01T06:00:00Z")

    assert (found["start"], found["end"]) == (1769904000, 1769925600)


def test_an_impossible_range_is_a_400_with_the_reason(as_alice: Client, device: Device) -> None:
    answer = as_alice.get(address(device), {"start": "2026-02-02T00:00", "end": "2026-02-01T00:00"})

    assert (answer.status_code, answer.json()) == (400, {"error": "The end must be later than the start."})


def test_a_stranger_gets_404(as_charlie: Client, device: Device) -> None:
    assert as_charlie.get(address(device)).status_code == 404


def test_a_stream_of_another_device_is_not_there(as_alice: Client, device: Device, project: Project) -> None:
    other = StreamId.objects.get(device=make_claimed_device(project=project))

    assert as_alice.get(address(device, other)).status_code == 404


@pytest.mark.parametrize("slug", ["nonsense", "s--0000-0001--0000-0000-0000-0081--5001--"])
def test_what_is_no_stream_slug_is_not_there(as_alice: Client, device: Device, slug: str) -> None:
    assert as_alice.get(f"/device/{device.slug}/stream/{slug}/chart.json").status_code == 404


@pytest.mark.parametrize("span", ["1h", "1y"])
def test_a_chart_takes_four_queries(as_alice: Client, alice: Account, device: Device, span: str) -> None:
    store(device, alice, range(50))

    where = address(device)

    with counted() as queries:
        as_alice.get(where, {"range": span})

    assert (queries.core, queries.streamdata) == (3, 1)
