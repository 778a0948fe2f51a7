"""Mails when a device falls silent or reports again: one per address, and once."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from server.apps.accounts.models import Account, Org, Role
from server.apps.accounts.selectors.orgs import membership_of
from server.apps.accounts.services.memberships import change_role
from server.apps.accounts.tests.factories import make_account
from server.apps.devices.jobs import CheckDeviceHealth
from server.apps.devices.models import Device, HealthState, OutsideRecipient, Project
from server.apps.devices.selectors.devices import health_of, is_silent
from server.apps.devices.services.devices import touch_last_report
from server.apps.devices.services.health_checks import BATCH_SIZE, check_device_health
from server.apps.devices.tests.factories import make_device
from server.core.durable import durable_cache
from server.core.queue import current_queue, enqueue
from server.core.queue.models import Job

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

NOW = timezone.now()
LONG = timedelta(hours=2)
SHORT = timedelta(minutes=2)


def make_watched_device(
    project: Project,
    *,
    ago: timedelta | None = LONG,
    known: HealthState = HealthState.OK,
    recipients: Sequence[str] = ("email:duty@example.org",),
    enabled: bool = True,
    active: bool = True,
    label: str = "",
) -> Device:
    """A device of this project, expected every hour."""
    pk = make_device().pk
    OutsideRecipient.objects.get_or_create(
        org=project.org, email="duty@example.org", defaults={"asked_on": NOW, "confirmed_on": NOW}
    )
    Device.objects.filter(pk=pk).update(
        org=project.org,
        project=project,
        active=active,
        health_check_enabled=enabled,
        expected_every_seconds=3600,
        last_report_on=None if ago is None else NOW - ago,
        last_known_state=known,
        notification_recipients=list(recipients),
        label=label or f"Device {pk}",
    )
    return Device.objects.get(pk=pk)


@pytest.fixture
def mails_sent(run_jobs: Callable[[], int]) -> Callable[[], dict[str, str]]:
    """A function that runs the check and returns subjects of mails by address."""

    def check() -> dict[str, str]:
        mail.outbox.clear()
        check_device_health(now=NOW)
        run_jobs()
        return {message.to[0]: str(message.subject) for message in mail.outbox}

    return check


def state_of(device: Device) -> str:
    return Device.objects.get(pk=device.pk).last_known_state


def test_a_device_that_fell_silent_is_reported(
    project: Project, mails_sent: Callable[[], dict[str, str]]
) -> None:
    device = make_watched_device(project, label="Pump")

    assert mails_sent() == {"duty@example.org": "Fieldline: Pump is silent"}

    device.refresh_from_db()
    assert (device.last_known_state, device.health_changed_on) == (HealthState.FAIL, NOW)
    body = str(mail.outbox[0].body)
    assert (
        f"- Pump ({device.slug}, Meters): nothing since {NOW - LONG:%Y-%m-%d %H:%M} UTC, expected every 1 h"
        in body
    )


def test_it_is_reported_once(project: Project, mails_sent: Callable[[], dict[str, str]]) -> None:
    make_watched_device(project)

    assert [len(mails_sent()), len(mails_sent())] == [1, 0]


def test_a_device_that_reports_again_is_reported(
    project: Project, mails_sent: Callable[[], dict[str, str]]
) -> None:
    device = make_watched_device(project, ago=SHORT, known=HealthState.FAIL, label="Pump")

    assert mails_sent() == {"duty@example.org": "Fieldline: Pump reports again"}
    assert mails_sent() == {}
    assert state_of(device) == HealthState.OK


@pytest.mark.parametrize(
    ("known", "ago", "state"),
    [
        (HealthState.UNKNOWN, SHORT, HealthState.OK),
        (HealthState.DISABLED, SHORT, HealthState.OK),
        (HealthState.OK, SHORT, HealthState.OK),
        (HealthState.FAIL, LONG, HealthState.FAIL),
        (HealthState.DISABLED, None, HealthState.UNKNOWN),
        (HealthState.OK, None, HealthState.UNKNOWN),
    ],
)
def test_a_change_that_is_no_alarm_is_recorded_and_not_mailed(
    project: Project,
    mails_sent: Callable[[], dict[str, str]],
    known: HealthState,
    ago: timedelta | None,
    state: HealthState,
) -> None:
    device = make_watched_device(project, ago=ago, known=known)

    assert mails_sent() == {}
    assert state_of(device) == state


@pytest.mark.parametrize("known", [HealthState.UNKNOWN, HealthState.DISABLED])
def test_who_begins_to_watch_a_silent_device_gets_a_mail(
    project: Project, mails_sent: Callable[[], dict[str, str]], known: HealthState
) -> None:
    make_watched_device(project, known=known)

    assert len(mails_sent()) == 1


@pytest.mark.parametrize(("enabled", "active"), [(False, True), (True, False), (False, False)])
def test_a_device_that_nobody_watches_is_not_reported(
    project: Project, mails_sent: Callable[[], dict[str, str]], enabled: bool, active: bool
) -> None:
    device = make_watched_device(project, enabled=enabled, active=active)

    assert mails_sent() == {}
    assert state_of(device) == HealthState.DISABLED


def test_a_device_that_was_never_watched_stays_as_it_is(
    project: Project, mails_sent: Callable[[], dict[str, str]]
) -> None:
    device = make_watched_device(project, enabled=False, known=HealthState.UNKNOWN)

    mails_sent()

    assert Device.objects.get(pk=device.pk).health_changed_on is None


@pytest.mark.parametrize(
    ("recipient", "addresses"),
    [
        ("email:duty@example.org", {"duty@example.org"}),
        ("email:anybody@example.net", set()),
        ("email:BOB@example.com", {"bob@example.com"}),
        ("user:bob", {"bob@example.com"}),
        ("user:charlie", set()),
        ("org:admin", {"alice@example.com"}),
        ("org:all", {"alice@example.com", "bob@example.com"}),
        ("staff:all", {"root@example.com"}),
    ],
)
def test_a_recipient_stands_for_the_people_behind_it(
    project: Project,
    bob: Account,
    charlie: Account,
    mails_sent: Callable[[], dict[str, str]],
    recipient: str,
    addresses: set[str],
) -> None:
    make_account(username="root", is_staff=True)
    make_watched_device(project, recipients=[recipient])

    assert set(mails_sent()) == addresses


@pytest.mark.parametrize("recipient", ["user:bob", "org:all"])
@pytest.mark.parametrize("how", ["left", "closed"])
def test_who_left_gets_no_mail(
    project: Project,
    acme: Org,
    alice: Account,
    bob: Account,
    mails_sent: Callable[[], dict[str, str]],
    recipient: str,
    how: str,
) -> None:
    make_watched_device(project, recipients=[recipient])
    if how == "left":
        change_role(membership=membership_of(acme, "bob"), role=Role.DEREGISTERED, by=alice)
    else:
        Account.objects.filter(pk=bob.pk).update(is_active=False)

    assert "bob@example.com" not in mails_sent()


def test_a_site_that_goes_dark_is_one_mail_each(
    project: Project, bob: Account, mails_sent: Callable[[], dict[str, str]]
) -> None:
    for _ in range(60):
        make_watched_device(project, recipients=["org:all", "user:bob", "email:BOB@example.com"])

    assert mails_sent() == {
        "alice@example.com": "Fieldline: 60 devices are silent",
        "bob@example.com": "Fieldline: 60 devices are silent",
    }
    assert "- and 10 more" in str(mail.outbox[0].body)


def test_what_fell_silent_and_what_came_back_share_a_mail(
    project: Project, mails_sent: Callable[[], dict[str, str]]
) -> None:
    make_watched_device(project)
    make_watched_device(project, ago=SHORT, known=HealthState.FAIL)

    assert mails_sent() == {"duty@example.org": "Fieldline: 1 device silent, 1 reporting again"}


def test_many_devices_cost_as_many_queries_as_one(
    project: Project, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    recipients = ["org:all", "staff:all", "email:duty@example.org"]
    pks = [make_watched_device(project, recipients=recipients).pk for _ in range(2)]

    # Since when the server listens; with the savepoint: devices, their state, the count of mails,
    # members, outside addresses, staff.
    with django_assert_num_queries(9):
        check_device_health(now=NOW)

    Device.objects.filter(pk__in=pks).update(last_known_state=HealthState.OK)
    for _ in range(40):
        make_watched_device(project, recipients=recipients)
    with django_assert_num_queries(9):
        check_device_health(now=NOW)


def test_more_devices_than_a_batch_are_all_checked(project: Project) -> None:
    device = make_watched_device(project)
    others = [
        Device(
            **{
                **{field.attname: getattr(device, field.attname) for field in Device._meta.concrete_fields},
                "id": device.pk + n,
                "slug": f"d--{n:x}",
            }
        )
        for n in range(1, BATCH_SIZE + 1)
    ]
    Device.objects.bulk_create(others)

    changed = check_device_health(now=NOW)

    assert changed == BATCH_SIZE + 1
    assert not Device.objects.exclude(last_known_state=HealthState.FAIL).exists()


def test_states_and_mails_come_together_or_not_at_all(project: Project, settings: Settings) -> None:
    settings.QUEUE_BACKEND = "postgres"
    device = make_watched_device(project)

    with transaction.atomic():
        check_device_health(now=NOW)
        posted = Job.objects.count()
        transaction.set_rollback(True)

    assert (posted, Job.objects.count()) == (1, 0)
    assert state_of(device) == HealthState.OK


def test_devices_that_are_heard_again_together_cause_one_check(project: Project) -> None:
    durable_cache.clear()
    devices = [make_watched_device(project, known=HealthState.FAIL) for _ in range(3)]

    for device in devices:
        touch_last_report(device=device, on=NOW)

    assert current_queue().depth().waiting == 1


def test_a_device_that_was_not_missed_causes_no_check(
    project: Project, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    device = make_watched_device(project, known=HealthState.OK)

    with django_assert_num_queries(1):
        touch_last_report(device=device, on=NOW)

    assert current_queue().depth().waiting == 0


def test_the_action_runs_twice_and_mails_once(project: Project, run_jobs: Callable[[], int]) -> None:
    """By the real clock."""
    make_watched_device(project)

    for _ in range(2):
        enqueue(CheckDeviceHealth())
        run_jobs()

    assert len(mail.outbox) == 1


@pytest.mark.parametrize("ago", [None, SHORT, timedelta(hours=1), LONG])
@pytest.mark.parametrize("active", [True, False])
def test_health_and_the_list_of_silent_devices_agree(
    project: Project, ago: timedelta | None, active: bool
) -> None:
    device = make_watched_device(project, ago=ago, active=active)

    missed = health_of(device, now=NOW) in {HealthState.FAIL, HealthState.UNKNOWN}

    assert missed == is_silent(device, now=NOW)
