"""Mails about silent devices that say nothing false: not after an outage of the server, and not at
each turn of a device that comes and goes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from django.core import mail
from pytest_django import Settings

from server.apps.devices.models import Device, HealthState, OutsideRecipient, Project
from server.apps.devices.selectors.devices import health_of, is_unchecked
from server.apps.devices.services.devices import touch_last_report
from server.apps.devices.services.health_checks import check_device_health
from server.apps.devices.tests.factories import make_device
from server.core.listening import Listening

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

NOON: Final = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = (
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)


@pytest.fixture
def pump(project: Project) -> Device:
    """Watched, expected every minute, reported at NOON."""
    OutsideRecipient.objects.create(
        org=project.org, email="duty@example.org", asked_on=NOON, confirmed_on=NOON
    )
    pk = make_device().pk
    Device.objects.filter(pk=pk).update(
        org=project.org,
        project=project,
        label="Pump",
        health_check_enabled=True,
        expected_every_seconds=60,
        last_report_on=NOON,
        last_known_state=HealthState.OK,
        notification_recipients=["email:duty@example.org"],
    )
    return Device.objects.get(pk=pk)


@pytest.fixture
def mails_at(run_jobs: Callable[[], int]) -> Callable[[datetime], list[str]]:
    """A function that runs the check at a time and returns the subjects of its mails."""

    def check(now: datetime) -> list[str]:
        mail.outbox.clear()
        check_device_health(now=now)
        run_jobs()
        return [str(message.subject) for message in mail.outbox]

    return check


def reports(device: Device, on: datetime) -> None:
    device.refresh_from_db()
    touch_last_report(device=device, on=on)


def listens(since: datetime, seen_on: datetime) -> None:
    Listening.objects.update_or_create(pk=1, defaults={"since": since, "seen_on": seen_on})


SILENT: Final = ["Fieldline: Pump is silent"]
BACK: Final = ["Fieldline: Pump reports again"]


# Outages of the server


def test_a_device_is_not_silent_until_the_server_has_listened_for_its_whole_period(
    pump: Device, mails_at: Callable[[datetime], list[str]]
) -> None:
    up_again = NOON + 2 * HOUR

    for later, subjects in ((10 * SECOND, []), (60 * SECOND, []), (61 * SECOND, SILENT)):
        listens(up_again, up_again + later)
        assert mails_at(up_again + later) == subjects


def test_nobody_is_notified_during_an_outage_of_the_web_processes(
    pump: Device, mails_at: Callable[[datetime], list[str]]
) -> None:
    listens(NOON - DAY, NOON)

    assert mails_at(NOON + HOUR) == []


def test_without_heartbeats_a_device_is_silent_as_before(
    pump: Device, mails_at: Callable[[datetime], list[str]]
) -> None:
    assert mails_at(NOON + HOUR) == SILENT


def test_what_reported_since_the_outage_is_back(
    pump: Device, mails_at: Callable[[datetime], list[str]]
) -> None:
    mails_at(NOON + 5 * MINUTE)
    up_again = NOON + HOUR
    listens(up_again, up_again + HOUR)
    for minute in range(20):
        reports(pump, up_again + minute * MINUTE)

    assert mails_at(up_again + 20 * MINUTE) == BACK


@pytest.mark.parametrize("known", [HealthState.OK, HealthState.FAIL])
def test_the_health_of_an_unchecked_device_is_that_of_the_last_mail(pump: Device, known: HealthState) -> None:
    pump.last_known_state = known
    now, since = NOON + HOUR, NOON + HOUR - 30 * SECOND

    assert is_unchecked(pump, now=now, listening_since=since)
    assert health_of(pump, now=now, listening_since=since) == known
    assert health_of(pump, now=now + MINUTE, listening_since=since) == HealthState.FAIL


# Devices that come and go


def test_a_device_that_comes_and_goes_is_silent_once(
    pump: Device, mails_at: Callable[[datetime], list[str]]
) -> None:
    """A report every 75 seconds, and one a minute is expected."""
    subjects = []
    for turn in range(1, 40):
        at = NOON + turn * 75 * SECOND
        subjects += mails_at(at - SECOND)
        reports(pump, at)
        subjects += mails_at(at + 20 * SECOND)

    assert subjects == SILENT


def test_a_device_is_back_when_it_has_reported_for_the_hold_time(
    pump: Device, mails_at: Callable[[datetime], list[str]]
) -> None:
    mails_at(NOON + 2 * MINUTE)
    begin = NOON + 5 * MINUTE
    for half_minute in range(21):
        reports(pump, begin + half_minute * 30 * SECOND)

    assert mails_at(begin + 10 * MINUTE - SECOND) == []
    assert mails_at(begin + 10 * MINUTE + SECOND) == BACK


def test_a_device_that_reports_again_is_healthy_at_once_on_pages(
    pump: Device, mails_at: Callable[[datetime], list[str]]
) -> None:
    mails_at(NOON + 2 * MINUTE)

    reports(pump, NOON + 5 * MINUTE)

    pump.refresh_from_db()
    assert health_of(pump, now=NOON + 5 * MINUTE) == HealthState.OK


def falls_silent_and_is_back(
    pump: Device, mails_at: Callable[[datetime], list[str]], at: datetime
) -> list[str]:
    subjects = mails_at(at)
    for half_minute in range(24):
        reports(pump, at + half_minute * 30 * SECOND)
    return subjects + mails_at(at + 12 * MINUTE)


def test_the_last_mail_of_a_day_about_a_device_says_so(
    pump: Device, mails_at: Callable[[datetime], list[str]], settings: Settings
) -> None:
    settings.HEALTH_MAILS_A_DAY = 4
    subjects = []
    for turn in range(1, 4):
        subjects.append(falls_silent_and_is_back(pump, mails_at, NOON + turn * 30 * MINUTE))
        if turn == 2:
            said = str(mail.outbox[0].body)

    assert subjects == [SILENT + BACK, SILENT + BACK, []]
    assert "there is no other mail about it until tomorrow (UTC)" in said
    pump.refresh_from_db()
    assert pump.last_known_state == HealthState.OK


def test_the_next_day_has_mails_again(
    pump: Device, mails_at: Callable[[datetime], list[str]], settings: Settings
) -> None:
    settings.HEALTH_MAILS_A_DAY = 1
    falls_silent_and_is_back(pump, mails_at, NOON + HOUR)

    assert mails_at(NOON + DAY) == SILENT


def test_zero_is_no_limit_and_no_hold_time(
    pump: Device, mails_at: Callable[[datetime], list[str]], settings: Settings
) -> None:
    settings.HEALTH_MAILS_A_DAY = settings.HEALTH_HOLD_MINUTES = 0
    subjects = []
    for turn in range(1, 6):
        at = NOON + turn * 75 * SECOND
        subjects += mails_at(at - SECOND)
        reports(pump, at)
        subjects += mails_at(at + 20 * SECOND)

    assert subjects == (SILENT + BACK) * 5
