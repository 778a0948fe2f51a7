"""Reading acknowledgements over REST, as a gateway does before it uploads."""

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from server.apps.accounts.models import Account
from server.apps.accounts.tests.clients import api_client
from server.apps.devices.models import Device, Project
from server.apps.ingest.models import Streamer
from server.apps.ingest.tests.uploads import as_device, as_person, signed_list, store, upload
from server.apps.streams.tests.factories import make_claimed_device

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

STREAMERS = "/api/v1/streamer/"


def slugs(user: Account, query: str = "") -> list[str]:
    response = api_client(user).get(f"{STREAMERS}{query}")
    assert response.status_code == 200, response.content
    return [streamer["slug"] for streamer in response.json()["results"]]


def test_a_streamer_has_the_fields_of_the_original_cloud(alice: Account, device: Device) -> None:
    store(device, alice, signed_list(device, (1, 2, 7)))
    streamer = Streamer.objects.get()

    [shown] = api_client(alice).get(STREAMERS).json()["results"]

    assert list(shown) == [
        *("id", "slug", "device", "process_engine_ver", "index", "last_id", "last_reboot_ts", "is_system"),
        "selector",
    ]
    assert shown["id"] == streamer.pk
    assert shown["slug"] == f"{device.slug.replace('d--', 't--')}--0000"
    assert shown["device"] == device.slug
    assert (shown["index"], shown["last_id"], shown["selector"]) == (0, 7, 0xD7FF)
    assert shown["last_reboot_ts"] == "2021-03-01T11:06:35Z"


def test_the_acknowledgement_follows_what_is_stored(alice: Account, device: Device) -> None:
    store(device, alice, signed_list(device, (1, 2)))
    before = api_client(alice).get(STREAMERS).json()["results"][0]["last_id"]

    store(device, alice, signed_list(device, (3, 4)))

    assert before == 2
    assert api_client(alice).get(STREAMERS).json()["results"][0]["last_id"] == 4


def test_a_streamer_that_stored_nothing_yet_is_not_listed(alice: Account, device: Device) -> None:
    upload(signed_list(device), as_person(alice))

    assert Streamer.objects.exists()
    assert slugs(alice) == []


def test_a_streamer_that_stored_nothing_yet_can_be_asked_for(alice: Account, device: Device) -> None:
    upload(signed_list(device), as_person(alice))

    shown = api_client(alice).get(f"{STREAMERS}{Streamer.objects.get().slug}/").json()

    assert (shown["last_id"], shown["last_reboot_ts"]) == (0, None)


def test_one_streamer_is_the_same_as_in_the_list(alice: Account, device: Device) -> None:
    store(device, alice)
    client = api_client(alice)
    [listed] = client.get(STREAMERS).json()["results"]

    assert client.get(f"{STREAMERS}{listed['slug']}/").json() == listed


@pytest.mark.parametrize("what", ["t--0000-0000-0000-ffff--0000", "t--0081--0000", "x", "%00", "t" * 5000])
def test_what_is_no_streamer_is_not_there(alice: Account, device: Device, what: str) -> None:
    response = api_client(alice).get(f"{STREAMERS}{what}/")

    assert response.status_code == 404
    assert response.json() == {"detail": "Not found."}


def test_the_streamers_of_others_are_not_there(alice: Account, charlie: Account, device: Device) -> None:
    store(device, alice)

    assert slugs(charlie) == []
    assert api_client(charlie).get(f"{STREAMERS}{Streamer.objects.get().slug}/").status_code == 404


def test_a_device_sees_its_own_acknowledgements(alice: Account, project: Project, device: Device) -> None:
    other = make_claimed_device(project=project)
    store(device, alice)
    store(other, alice)

    response = Client().get(STREAMERS, headers=as_device(device))

    assert [streamer["device"] for streamer in response.json()["results"]] == [device.slug]


def test_the_list_can_be_narrowed(alice: Account, project: Project, device: Device) -> None:
    store(make_claimed_device(project=project), alice)
    store(device, alice)
    store(device, alice, signed_list(device, (1, 2), streamer_index=1, selector=0x5FFF))
    user, system = (f"{device.slug.replace('d--', 't--')}--000{index}" for index in (0, 1))

    for form in (device.slug, f"d--{device.slug[-4:]}", f"0x{device.pk:x}", device.slug[-4:]):
        assert slugs(alice, f"?device={form}") == [user, system]
    assert slugs(alice, f"?slug={system}") == [system]
    assert slugs(alice, f"?device={device.slug}&selector=55295") == [user]
    assert slugs(alice, "?selector=0x5fff") == [system]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(
            ("device", "d--xyz"),
            ("device", "%00"),
            ("slug", "t--1"),
            ("selector", "many"),
            ("selector", "%00"),
        ),
        *(("selector", "9" * 5000), ("page_size", "0")),
    ],
)
def test_a_value_that_cannot_be_read_is_named(alice: Account, field: str, value: str) -> None:
    response = api_client(alice).get(f"{STREAMERS}?{field}={value}")

    assert response.status_code == 400
    assert list(response.json()) == [field]


def test_a_selector_that_nobody_has_matches_nothing(alice: Account, device: Device) -> None:
    store(device, alice)

    assert slugs(alice, "?selector=99999999999999") == []
    assert slugs(alice, "?selector=-1") == []


def test_the_streamers_of_a_device_are_a_plain_list(alice: Account, charlie: Account, device: Device) -> None:
    store(device, alice)

    shown = api_client(alice).get(f"/api/v1/device/{device.slug}/streamers/")

    assert [streamer["device"] for streamer in shown.json()] == [device.slug]
    assert api_client(charlie).get(f"/api/v1/device/{device.slug}/streamers/").status_code == 404


def test_the_list_takes_the_same_queries_for_any_length(alice: Account, project: Project) -> None:
    for _ in range(4):
        store(make_claimed_device(project=project), alice)
    client = api_client(alice)

    of_core, of_streamdata = (CaptureQueriesContext(connections[name]) for name in ("default", "streamdata"))
    with of_core, of_streamdata:
        assert client.get(STREAMERS).json()["count"] == 4

    assert len(of_core) == 3  # who asks, how many, the page
    assert len(of_streamdata) == 1  # the progress of all of them
