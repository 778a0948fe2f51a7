"""A project's page: devices with their latest values, and variables."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from server.apps.accounts.models import Account
from server.apps.devices.models import Device, Project
from server.apps.streams.tests.factories import make_claimed_device
from server.apps.streams.tests.readings import Given, store_readings
from webapp.tests.queries import counted
from webapp.tests.stored import store

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


def page(client: Client, project: Project, query: str = "") -> str:
    answer = client.get(f"/project/{project.slug}/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def labelled(project: Project, label: str) -> Device:
    made = make_claimed_device(project=project)
    Device.objects.filter(pk=made.pk).update(label=label)
    return made


def test_devices_are_listed_with_their_newest_values(
    as_alice: Client, alice: Account, project: Project, device: Device
) -> None:
    store(device, alice, [1000, 2345])

    html = page(as_alice, project)

    assert f'href="/device/{device.slug}/"' in html
    assert "2,345 gal" in html
    assert '<span class="status reporting">Reporting</span>' in html


def test_a_reading_of_2099_is_not_the_latest_value(
    as_alice: Client, project: Project, device: Device
) -> None:
    now = timezone.now()
    given = [Given(1, datetime(2099, 1, 1, tzinfo=UTC), 99), Given(2, now - timedelta(minutes=1), 23)]
    store_readings(device, given, received=now)

    for html in (page(as_alice, project), as_alice.get(f"/device/{device.slug}/").content.decode()):
        assert "23 gal" in html or "23 <span" in html
        assert "99 gal" not in html
        assert "99 <span" not in html


def test_a_device_that_never_reported_says_so(as_alice: Client, project: Project, device: Device) -> None:
    assert '<span class="status never">Never reported</span>' in page(as_alice, project)


def test_a_stranger_and_a_wrong_slug_get_the_same_answer(
    as_charlie: Client, as_alice: Client, project: Project
) -> None:
    foreign = as_charlie.get(f"/project/{project.slug}/")
    unknown = as_alice.get("/project/p--0fff-ffff/")
    no_slug = as_alice.get("/project/nonsense/")

    assert [answer.status_code for answer in (foreign, unknown, no_slug)] == [404, 404, 404]
    assert foreign.content == unknown.content == no_slug.content


@pytest.mark.parametrize("words", ["mill", "MILL lane", "lane  4"])
def test_the_filter_finds_devices_by_words_of_their_label(
    as_alice: Client, project: Project, words: str
) -> None:
    labelled(project, "Mill Lane 4")
    labelled(project, "Chapel Rise")

    html = page(as_alice, project, f"?q={words}")

    assert "Mill Lane 4" in html
    assert "Chapel Rise" not in html


def test_the_filter_finds_a_device_by_its_slug(as_alice: Client, project: Project, device: Device) -> None:
    other = labelled(project, "Other")

    html = page(as_alice, project, f"?q={device.slug[-9:]}")

    assert device.slug in html
    assert other.slug not in html


def test_a_filter_that_finds_nothing_says_so_and_shows_the_way_back(
    as_alice: Client, project: Project
) -> None:
    html = page(as_alice, project, "?q=<zebra>")

    assert "No device matches “&lt;zebra&gt;”" in html
    assert "Show all devices" in html


def test_a_script_gets_only_the_table(as_alice: Client, project: Project, device: Device) -> None:
    answer = as_alice.get(
        f"/project/{project.slug}/", headers={"HX-Request": "true", "HX-Target": "device-table"}
    )

    html = answer.content.decode()
    assert device.slug in html
    assert "<html" not in html
    assert "HX-Target" in answer.headers["Vary"]


def test_many_devices_are_on_several_pages(as_alice: Client, project: Project) -> None:
    for number in range(51):
        labelled(project, f"Meter {number:02}")

    first, second = page(as_alice, project), page(as_alice, project, "?page=2")

    assert "Page 1 of 2" in first
    assert "Meter 00" in first
    assert "Meter 50" not in first
    assert "Meter 50" in second


def test_an_empty_project_shows_how_devices_get_there(as_alice: Client, project: Project) -> None:
    assert "No devices yet" in page(as_alice, project)


def test_variables_are_on_a_tab_of_their_own(as_alice: Client, project: Project, device: Device) -> None:
    html = page(as_alice, project, "?tab=variables")

    assert "IO 1" in html
    assert "Gallons" in html
    assert device.slug not in html


def test_the_table_takes_the_same_queries_for_many_devices_as_for_one(
    as_alice: Client, alice: Account, project: Project, device: Device
) -> None:
    store(device, alice, [1])
    with counted() as few:
        page(as_alice, project)
    for _ in range(4):
        store(make_claimed_device(project=project), alice, [1, 2])
    with counted() as many:
        page(as_alice, project)

    assert few == many
    assert (many.core, many.streamdata) == (6, 1)
