"""The health of a device on its page: its state, its recipients, and what was received each day."""

import re
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from server.apps.accounts.models import Account, Org, Role
from server.apps.accounts.services.accounts import add_member, change_profile
from server.apps.accounts.tests.factories import make_account
from server.apps.devices.models import Device, HealthState
from server.apps.ingest.models import Forwarding, StreamerReport
from server.core.listening import Listening
from webapp.tests.conftest import signed_in
from webapp.tests.queries import Counts, counted
from webapp.tests.stored import store

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


def page(client: Client, device: Device, query: str = "?tab=health") -> str:
    answer = client.get(f"/device/{device.slug}/{query}")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def save(client: Client, device: Device, **fields: str) -> int:
    form = {"minutes": "120", "recipients": "", **fields}
    return client.post(f"/device/{device.slug}/health/", form).status_code


@pytest.fixture
def operator(acme: Org) -> Client:
    """May upload reports, but not change devices."""
    dora = make_account(username="dora")
    add_member(org=acme, user=dora, role=Role.OPERATOR)
    return signed_in(dora)


@pytest.mark.parametrize(
    ("enabled", "silent_for", "text"),
    [(False, 1, "Not watched"), (True, None, "Never reported"), (True, 1, "Reporting"), (True, 9, "Silent")],
)
def test_the_state_is_shown_in_words(
    as_alice: Client, device: Device, enabled: bool, silent_for: int | None, text: str
) -> None:
    heard = None if silent_for is None else timezone.now() - timedelta(hours=silent_for)
    Device.objects.filter(pk=device.pk).update(health_check_enabled=enabled, last_report_on=heard)

    assert re.search(rf'<dt>State</dt> <dd> <span class="status \w+">{text}</span>', page(as_alice, device))


def test_what_the_server_could_not_hear_is_not_checked(as_alice: Client, device: Device) -> None:
    now = timezone.now()
    Listening.objects.create(since=now - timedelta(minutes=5), seen_on=now)
    Device.objects.filter(pk=device.pk).update(
        health_check_enabled=True, last_report_on=now - timedelta(hours=9)
    )

    html = page(as_alice, device)

    assert '<span class="status silent">' not in html
    assert "Not checked since we were unavailable, until" in html
    assert "if nothing comes within 2 h from then on, the device is silent." in html
    assert "Not checked since our outage." in " ".join(as_alice.get("/").content.decode().split())


def test_the_time_of_the_last_change_is_shown_when_people_were_notified(
    as_alice: Client, device: Device
) -> None:
    hours_ago = timezone.now() - timedelta(hours=9)
    Device.objects.filter(pk=device.pk).update(
        health_check_enabled=True,
        last_report_on=hours_ago,
        last_known_state=HealthState.FAIL,
        health_changed_on=hours_ago + timedelta(hours=2),
    )

    assert "7 h ago" in page(as_alice, device)


def test_a_device_is_watched_from_its_page(as_alice: Client, bob: Account, device: Device) -> None:
    status = save(
        as_alice,
        device,
        enabled="on",
        minutes="90",
        recipients="org:admin\r\n user:bob \r\n\r\nemail:a@b.example",
    )

    device.refresh_from_db()
    assert status == 302
    assert (device.health_check_enabled, device.expected_every_seconds) == (True, 5400)
    assert device.notification_recipients == ["org:admin", "user:bob", "email:a@b.example"]
    assert "email:a@b.example" in page(as_alice, device)


def test_a_period_of_seconds_stays_when_something_else_changes(as_alice: Client, device: Device) -> None:
    Device.objects.filter(pk=device.pk).update(expected_every_seconds=90)

    save(as_alice, device, minutes="2", enabled="on")

    assert Device.objects.get(pk=device.pk).expected_every_seconds == 90


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"minutes": "0"}, "greater than or equal to 1"),
        ({"minutes": "44641"}, "less than or equal to 44640"),
        ({"minutes": "x"}, "Enter a whole number"),
        ({"recipients": "somebody"}, "email:&lt;address&gt;"),
        ({"recipients": "user:charlie"}, "There is no charlie in the organisation"),
        ({"recipients": "email:nobody"}, "nobody is no e-mail address"),
    ],
)
def test_invalid_values_are_reported_on_the_form(
    as_alice: Client, device: Device, fields: dict[str, str], text: str
) -> None:
    answer = as_alice.post(
        f"/device/{device.slug}/health/", {"minutes": "120", "recipients": "", "enabled": "on", **fields}
    )

    assert answer.status_code == 400
    assert text in answer.content.decode()
    assert not Device.objects.get(pk=device.pk).health_check_enabled


def test_who_may_not_change_the_device_sees_no_form_and_cannot_post_one(
    operator: Client, as_charlie: Client, device: Device
) -> None:
    assert "health/" not in re.findall(r'action="[^"]*"', page(operator, device))
    assert save(operator, device, enabled="on") == 403
    assert save(as_charlie, device, enabled="on") == 404
    assert not Device.objects.get(pk=device.pk).health_check_enabled


def test_a_device_that_never_reported_says_so(as_alice: Client, device: Device) -> None:
    assert "Nothing received yet" in page(as_alice, device)


def test_a_day_shows_what_came_and_what_is_missing(as_alice: Client, alice: Account, device: Device) -> None:
    store(device, alice, [1, 2, 3])
    store(device, alice, [7, 8], first_id=7)
    today = timezone.localdate()

    html = page(as_alice, device)

    assert f'title="{today.day} {today:%b %Y}: 5 stored, 0 duplicate, 0 refused, 3 missing"' in html
    assert '<span class="tag bad">3</span>' in html
    assert html.count('class="missing"') == 2  # the day, and the legend
    assert html.count(": nothing received") == 89


def test_days_are_those_of_the_reader(as_alice: Client, alice: Account, device: Device) -> None:
    change_profile(user=alice, name="", time_zone="Pacific/Kiritimati")  # 14 h ahead
    store(device, alice, [1, 2, 3])
    noon = timezone.now().replace(hour=12, minute=0) - timedelta(days=3)
    with connections["streamdata"].cursor() as cursor:
        cursor.execute("UPDATE report_ledger SET worked_off_on = %s", [noon])
    there = (noon + timedelta(days=1)).date()

    html = page(as_alice, device)

    assert f"?tab=reports&amp;day={there}" in html
    assert "3</td>" in page(as_alice, device, f"?tab=reports&day={there}")
    assert "No reports on this day" in page(as_alice, device, f"?tab=reports&day={noon.date()}")


@pytest.mark.parametrize("day", ["x", "", "0001-01-01", "9999-12-31", "2026-02-30"])
def test_what_is_no_day_is_all_days(as_alice: Client, alice: Account, device: Device, day: str) -> None:
    store(device, alice, [1, 2, 3])

    assert "the newest 50 </span>" in page(as_alice, device, f"?tab=reports&day={day}")


def test_many_days_cost_as_many_queries_as_one(as_alice: Client, alice: Account, device: Device) -> None:
    store(device, alice, [1])
    page(as_alice, device)
    with counted() as few:
        page(as_alice, device)
    for at in range(2, 8):
        store(device, alice, [at], first_id=2 * at)
    with counted() as many:
        page(as_alice, device)

    assert many == Counts(few.core, few.streamdata + 2)  # where the gaps are, once


@pytest.mark.parametrize(
    ("state", "text"),
    [("sent", "Forwarded"), ("waiting", "To be forwarded: 503: later"), ("failed", "Not forwarded")],
)
def test_a_report_shows_whether_it_was_forwarded(
    as_alice: Client, alice: Account, device: Device, state: str, text: str
) -> None:
    report = store(device, alice, [1, 2, 3])
    failure = "" if state == "sent" else "503: later"
    Forwarding.objects.create(report=report, url="https://other.example/", state=state, failure=failure)

    assert text in page(as_alice, device, "?tab=reports")


def test_a_report_without_forwarding_shows_nothing_of_it(
    as_alice: Client, alice: Account, device: Device
) -> None:
    store(device, alice, [1, 2, 3])

    assert StreamerReport.objects.exists()
    assert "orwarded" not in page(as_alice, device, "?tab=reports")
