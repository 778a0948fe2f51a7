"""Silent devices, and the counts of a project's devices."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from server.apps.accounts.models import Account, Org
from server.apps.devices.models import Device, Project
from server.apps.devices.selectors.devices import (
    devices_in,
    is_silent,
    projects_with_activity,
    recently_heard_devices_of,
    silent_devices_of,
)
from server.apps.devices.services.devices import LAST_REPORT_RESOLUTION, expect_reports, touch_last_report
from server.apps.devices.tests.factories import make_device, make_project
from server.core.errors import Invalid

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

NOW = timezone.now()


def heard(project: Project, *, ago: timedelta | None, active: bool = True, label: str = "") -> Device:
    """A device of this project, expected every hour."""
    pk = make_device().pk
    Device.objects.filter(pk=pk).update(
        org=project.org,
        project=project,
        active=active,
        expected_every_seconds=3600,
        last_report_on=None if ago is None else NOW - ago,
        label=label or f"Device {pk}",
    )
    return Device.objects.get(pk=pk)


@pytest.mark.parametrize(
    ("ago", "active", "silent"),
    [
        (timedelta(minutes=59), True, False),
        (timedelta(minutes=60), True, False),
        (timedelta(minutes=61), True, True),
        (None, True, True),
        (timedelta(days=9), False, False),
        (None, False, False),
    ],
)
def test_a_device_is_silent_when_nothing_came_for_longer_than_expected(
    project: Project, alice: Account, ago: timedelta | None, active: bool, silent: bool
) -> None:
    device = heard(project, ago=ago, active=active)

    assert is_silent(device, now=NOW) is silent
    assert list(silent_devices_of(alice, now=NOW)) == ([device] if silent else [])


def test_the_longest_silent_come_first_and_those_never_heard_last(project: Project, alice: Account) -> None:
    never = heard(project, ago=None)
    hours = heard(project, ago=timedelta(hours=5))
    days = heard(project, ago=timedelta(days=5))

    assert list(silent_devices_of(alice, now=NOW)) == [days, hours, never]


def test_a_device_that_is_in_no_project_is_not_missed(project: Project, alice: Account) -> None:
    device = heard(project, ago=timedelta(days=5))
    Device.objects.filter(pk=device.pk).update(project=None)

    assert list(silent_devices_of(alice, now=NOW)) == []


def test_the_silent_devices_of_others_are_not_shown(project: Project, charlie: Account) -> None:
    heard(project, ago=None)

    assert list(silent_devices_of(charlie, now=NOW)) == []


def test_recently_heard_are_the_newest_first(project: Project, alice: Account) -> None:
    old, new = heard(project, ago=timedelta(hours=2)), heard(project, ago=timedelta(minutes=2))
    heard(project, ago=None)

    assert recently_heard_devices_of(alice, limit=5) == [new, old]
    assert recently_heard_devices_of(alice, limit=1) == [new]


def test_devices_of_a_project_are_found_by_words(project: Project, alice: Account) -> None:
    pump = heard(project, ago=None, label="Pump north")
    heard(project, ago=None, label="Valve north")

    assert list(devices_in(alice, project, words="NORTH pump")) == [pump]
    assert list(devices_in(alice, project, words=pump.slug[-4:])) == [pump]
    assert devices_in(alice, project).count() == 2


def test_activity_counts_devices_and_the_silent_ones_in_two_queries(
    project: Project, acme: Org, alice: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    heard(project, ago=timedelta(minutes=1))
    heard(project, ago=timedelta(days=1))
    heard(project, ago=None, active=False)
    make_project(name="Empty", org=acme)

    with django_assert_num_queries(2):
        activity = projects_with_activity(alice, now=NOW)

    assert [(a.project.name, a.devices, a.silent, a.last_report_on) for a in activity] == [
        ("Empty", 0, 0, None),
        ("Meters", 3, 1, NOW - timedelta(minutes=1)),
    ]


def test_activity_of_others_is_not_shown(project: Project, charlie: Account) -> None:
    heard(project, ago=None)

    assert projects_with_activity(charlie, now=NOW) == []


def test_a_report_updates_the_last_report_time(project: Project) -> None:
    device = heard(project, ago=timedelta(days=1))

    touch_last_report(device=device, on=NOW)

    assert not is_silent(Device.objects.get(pk=device.pk), now=NOW)


def test_a_first_report_sets_the_last_report_time(project: Project) -> None:
    device = heard(project, ago=None)

    touch_last_report(device=device, on=NOW)

    assert Device.objects.get(pk=device.pk).last_report_on == NOW


def test_reports_in_quick_succession_are_recorded_once(
    project: Project, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    device = heard(project, ago=LAST_REPORT_RESOLUTION / 2)

    with django_assert_num_queries(0):
        touch_last_report(device=device, on=NOW)


def test_who_expects_reports_less_often_is_more_patient(project: Project) -> None:
    device = heard(project, ago=timedelta(hours=2))

    expect_reports(device=device, every_seconds=3 * 3600)

    assert not is_silent(Device.objects.get(pk=device.pk), now=NOW)


@pytest.mark.parametrize("seconds", [0, -1])
def test_nobody_expects_reports_more_often_than_once_a_second(project: Project, seconds: int) -> None:
    device = heard(project, ago=None)

    with pytest.raises(Invalid) as refused:
        expect_reports(device=device, every_seconds=seconds)

    assert refused.value.field == "expected_every_seconds"
