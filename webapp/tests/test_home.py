"""The overview: projects, who is silent, what came last."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from server.apps.accounts.models import Account, Org, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.factories import make_account
from server.apps.devices.models import Device, Project
from server.apps.devices.tests.factories import make_project
from server.apps.streams.models import StreamId
from server.apps.streams.tests.factories import make_claimed_device
from webapp.tests.conftest import signed_in
from webapp.tests.queries import counted
from webapp.tests.stored import IO_1, report_of, store, upload_report

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


def home(client: Client) -> str:
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.content.decode()


def name(device: Device, label: str) -> Device:
    Device.objects.filter(pk=device.pk).update(label=label)
    return device


def link_of(html: str, text: str) -> str:
    found = re.search(rf'<a class="name" href="([^"]+)">{text}</a>', html)
    assert found is not None
    return unescape(found[1])


def test_a_member_sees_projects_and_how_many_devices_they_have(as_alice: Client, device: Device) -> None:
    html = home(as_alice)

    assert "Meters" in html
    assert "1 device" in html


def test_a_stranger_sees_nothing_of_others(as_charlie: Client, device: Device) -> None:
    name(device, "Well house")

    html = home(as_charlie)

    assert "Meters" not in html
    assert "Well house" not in html


def test_a_device_that_never_reported_is_silent(as_alice: Client, device: Device) -> None:
    html = home(as_alice)

    assert "1 silent" in html
    assert "never reported" in html


def test_a_device_that_is_late_is_silent(as_alice: Client, device: Device) -> None:
    Device.objects.filter(pk=device.pk).update(last_report_on=timezone.now() - timedelta(days=3))

    assert "3 days ago" in home(as_alice)


def test_a_device_that_reports_as_expected_is_not_silent(
    as_alice: Client, alice: Account, device: Device
) -> None:
    store(device, alice, [1])

    assert "Every device has reported as expected" in home(as_alice)


def test_the_newest_reports_show_what_was_new(as_alice: Client, alice: Account, device: Device) -> None:
    store(name(device, "Well house"), alice, [7, 8, 9])

    html = home(as_alice)

    assert '<td class="right">3</td>' in html
    assert '<span class="status">Stored</span>' in html


def test_a_newest_report_leads_to_the_chart_of_its_device(
    as_alice: Client, alice: Account, device: Device
) -> None:
    store(name(device, "Well house"), alice, [7])

    assert f'href="/device/{device.slug}/#chart-panel">Well house' in home(as_alice)


def test_a_newest_report_of_long_ago_leads_to_the_chart_with_its_readings(
    as_alice: Client, alice: Account, device: Device
) -> None:
    store(name(device, "Well house"), alice, [7, 8, 9], ago=timedelta(days=3))

    link = urlsplit(link_of(home(as_alice), "Well house"))
    stream = StreamId.objects.get(device=device, var_lid=IO_1)
    chart = as_alice.get(f"{link.path}stream/{stream.slug}/chart.json?{link.query}").json()

    assert link.fragment == "chart-panel"
    assert sum(chart["n"]) == 3


def test_a_report_of_before_all_charts_leads_to_the_chart_of_now(
    as_alice: Client, alice: Account, device: Device
) -> None:
    upload_report(
        name(device, "Well house"), alice, report_of(device, [7]), received=datetime(1, 1, 1, tzinfo=UTC)
    )

    assert link_of(home(as_alice), "Well house") == f"/device/{device.slug}/#chart-panel"


def test_the_state_of_a_newest_report_leads_to_the_reports_of_its_device(
    as_alice: Client, alice: Account, device: Device
) -> None:
    store(name(device, "Well house"), alice, [7])

    state = rf'href="/device/{device.slug}/\?tab=reports">\s*<span class="status">Stored</span>'
    assert re.search(state, home(as_alice))


def test_a_report_that_is_not_processed_is_waiting(as_alice: Client, alice: Account, device: Device) -> None:
    upload_report(device, alice, report_of(device, [7]))

    assert '<span class="status waiting">Waiting</span>' in home(as_alice)


def test_an_owner_without_projects_sees_what_to_do(as_alice: Client, acme: Org) -> None:
    html = home(as_alice)

    assert "No projects yet" in html
    assert "Acme" in html


def test_somebody_without_an_organisation_sees_whom_to_ask() -> None:
    html = home(signed_in(make_account(username="dora")))

    assert "You are not a member of an organisation yet" in html
    assert "dora@example.com" in html


def test_a_deregistered_member_sees_nothing(acme: Org, project: Project) -> None:
    dora = make_account(username="dora")
    add_member(org=acme, user=dora, role=Role.DEREGISTERED)

    assert "Meters" not in home(signed_in(dora))


def test_the_overview_takes_the_same_queries_for_many_devices_as_for_one(
    as_alice: Client, alice: Account, acme: Org, device: Device
) -> None:
    store(device, alice, [1])
    with counted() as few:
        home(as_alice)
    for number in range(4):
        more = make_claimed_device(project=make_project(name=f"More {number}", org=acme))
        store(more, alice, [1, 2])
    with counted() as many:
        home(as_alice)

    assert few == many
    assert (many.core, many.streamdata) == (9, 1)
