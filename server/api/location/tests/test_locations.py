"""Locations over REST."""

from datetime import UTC, datetime

import pytest

from server.api.tests.json_clients import client_with_role, json_client
from server.apps.accounts.models import Account, Org, Role
from server.apps.devices.models import Device, DeviceLocation
from server.apps.streams.models import DataMask

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

LOCATIONS = "/api/v1/location/"


def place(device: Device, hour: int, lat: object = "48.5") -> dict[str, object]:
    return {
        "target": device.slug,
        "timestamp": f"2026-03-01T{hour:02}:00:00Z",
        "lat": lat,
        "lon": 11.123456789,
    }


def test_a_location_moves_its_device(alice: Account, device: Device) -> None:
    client = json_client(alice)

    written = client.post(LOCATIONS, place(device, 1))

    shown = written.json()
    assert written.status_code == 201
    assert shown == {
        "id": shown["id"],
        "timestamp": "2026-03-01T01:00:00Z",
        "target": device.slug,
        "lat": "48.500000",
        "lon": "11.123457",
        "user": "alice",
    }
    assert client.get(f"{LOCATIONS}?target={device.slug}").json()["results"] == [shown]
    assert client.get(f"{LOCATIONS}{shown['id']}/").json() == shown
    device.refresh_from_db()
    assert (str(device.lat), str(device.lon)) == ("48.500000", "11.123457")


def test_a_location_of_2099_does_not_hold_its_device(alice: Account, device: Device) -> None:
    client = json_client(alice)

    client.post(LOCATIONS, {**place(device, 1, "10"), "timestamp": "2099-01-01T00:00:00Z"})
    client.post(LOCATIONS, place(device, 2, "20"))

    device.refresh_from_db()
    assert str(device.lat) == "20.000000"


def test_a_device_is_at_its_newest_location(alice: Account, device: Device) -> None:
    client = json_client(alice)

    many = client.post(LOCATIONS, [place(device, 2), place(device, 5, "50"), place(device, 3)])
    client.post(LOCATIONS, place(device, 4, "51"))

    assert many.status_code == 201
    assert many.json()["count"] == 3
    assert (many.json()["last"]["lat"], many.json()["last"]["timestamp"]) == (
        "50.000000",
        "2026-03-01T05:00:00Z",
    )
    device.refresh_from_db()
    assert str(device.lat) == "50.000000"


def test_a_mask_hides_locations_on_request(alice: Account, acme: Org, device: Device) -> None:
    client = json_client(alice)
    client.post(LOCATIONS, [place(device, hour) for hour in (1, 2, 3)])
    DataMask.objects.create(
        org=acme,
        target=device.slug,
        start=datetime(2026, 3, 1, 2, tzinfo=UTC),
        end=datetime(2026, 3, 1, 3, tzinfo=UTC),
    )
    query = f"{LOCATIONS}?target={device.slug}"

    assert client.get(query).json()["count"] == 3
    assert [row["timestamp"] for row in client.get(f"{query}&mask=1").json()["results"]] == [
        "2026-03-01T02:00:00Z"
    ]
    assert client.get(f"{query}&mask=maybe").status_code == 400
    assert client.get(f"{query}&start=2026-03-01T02:00:00Z").json()["count"] == 2


@pytest.mark.parametrize("lat", ["91", "NaN", "x", None, [1], "1e400", "9" * 3000])
def test_what_is_no_latitude_is_named(alice: Account, device: Device, lat: object) -> None:
    response = json_client(alice).post(LOCATIONS, place(device, 1, lat))

    assert (response.status_code, list(response.json())) == (400, ["lat"])
    assert not DeviceLocation.objects.exists()


def test_a_target_is_required_and_must_be_a_device_or_archive(alice: Account, device: Device) -> None:
    client = json_client(alice)
    project = device.project.slug if device.project else ""

    assert list(client.get(LOCATIONS).json()) == ["target"]
    assert list(client.get(f"{LOCATIONS}?target={project}").json()) == ["target"]
    assert list(client.post(LOCATIONS, {**place(device, 1), "target": project}).json()) == ["target"]


def test_an_operator_says_where_a_device_is_and_reads_no_places(
    alice: Account, acme: Org, device: Device
) -> None:
    shown = json_client(alice).post(LOCATIONS, place(device, 1)).json()
    client = client_with_role(acme, Role.OPERATOR)

    assert client.get(f"{LOCATIONS}?target={device.slug}").status_code == 403
    assert client.get(f"{LOCATIONS}{shown['id']}/").status_code == 403
    assert client.post(LOCATIONS, place(device, 2)).status_code == 201
    assert client.post(LOCATIONS, [place(device, 3), place(device, 4)]).json()["count"] == 2


def test_the_devices_of_others_are_nowhere(alice: Account, charlie: Account, device: Device) -> None:
    shown = json_client(alice).post(LOCATIONS, place(device, 1)).json()
    client = json_client(charlie)

    assert client.get(f"{LOCATIONS}?target={device.slug}").status_code == 404
    assert client.get(f"{LOCATIONS}{shown['id']}/").status_code == 404
    assert client.post(LOCATIONS, place(device, 2)).status_code == 404
    assert client.post(LOCATIONS, [place(device, 2)]).status_code == 404
