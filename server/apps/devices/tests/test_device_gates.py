"""The gates to projects and devices: who passes, and that others learn nothing."""

import uuid

import pytest
from django.contrib.auth.models import AnonymousUser
from pytest_django import DjangoAssertNumQueries

from server.apps.accounts.models import Account, Org, OrgMembership, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.factories import make_account
from server.apps.devices.models import Device, Project
from server.apps.devices.selectors.devices import (
    device_for,
    devices_of,
    in_project,
    project_for,
    projects_of,
    uploadable_device_for,
)
from server.apps.devices.tests.factories import make_device, make_project
from server.core.errors import NotFound

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

MISSING = "Not found."


def operator(org: Org) -> Account:
    user = make_account()
    add_member(org=org, user=user, role=Role.OPERATOR)
    return user


def deregistered(org: Org) -> Account:
    user = make_account()
    add_member(org=org, user=user, role=Role.DEREGISTERED)
    return user


def test_members_of_every_role_reach_a_project(project: Project, alice: Account, bob: Account) -> None:
    for user in (alice, bob, operator(project.org)):
        assert project_for(user, project.slug) == project


def test_a_project_is_found_by_uuid_and_by_any_form_of_its_slug(project: Project, alice: Account) -> None:
    short = f"p--{project.gid:04x}"

    for name in (str(project.pk), project.slug, short, project.slug.upper()):
        assert project_for(alice, name) == project


def test_strangers_the_deregistered_and_nobody_do_not_reach_a_project(
    project: Project, charlie: Account
) -> None:
    for user in (charlie, deregistered(project.org), AnonymousUser()):
        with pytest.raises(NotFound, match=MISSING):
            project_for(user, project.slug)


@pytest.mark.parametrize(
    "name", ["", "p--", "p--zzzz", "p--0000-0000-0001-0001", "d--0001", "1", str(uuid.UUID(int=0)), "\x00"]
)
def test_what_names_no_project_is_not_there(project: Project, alice: Account, name: str) -> None:
    with pytest.raises(NotFound, match=MISSING):
        project_for(alice, name)


def test_a_template_project_is_not_shown(project: Project, alice: Account) -> None:
    Project.objects.filter(pk=project.pk).update(is_template=True)

    assert list(projects_of(alice)) == []


def test_members_of_every_role_reach_a_device(device: Device, alice: Account, bob: Account) -> None:
    assert device.org is not None
    for user in (alice, bob, operator(device.org)):
        assert device_for(user, device.slug) == device


def test_a_device_is_found_by_any_form_of_its_slug(device: Device, alice: Account) -> None:
    for name in (device.slug, f"d--{device.pk:04x}", device.slug.upper(), f"D--{device.pk:04x}"):
        assert device_for(alice, name) == device


def test_strangers_the_deregistered_and_nobody_do_not_reach_a_device(
    device: Device, charlie: Account
) -> None:
    assert device.org is not None
    for user in (charlie, deregistered(device.org), AnonymousUser()):
        with pytest.raises(NotFound, match=MISSING):
            device_for(user, device.slug)


@pytest.mark.parametrize("slug", ["", "d--", "d--9999", "p--0001", "d--12345", "d--00g1", "\x00"])
def test_what_names_no_device_is_not_there(device: Device, alice: Account, slug: str) -> None:
    with pytest.raises(NotFound, match=MISSING):
        device_for(alice, slug)


def test_a_device_of_nobody_is_reached_by_nobody(alice: Account) -> None:
    unclaimed = make_device(by=alice)

    with pytest.raises(NotFound):
        device_for(alice, unclaimed.slug)


def test_a_device_given_to_an_org_is_reached_before_it_is_in_a_project(acme: Org, bob: Account) -> None:
    waiting = make_device()
    Device.objects.filter(pk=waiting.pk).update(org=acme)

    assert device_for(bob, waiting.slug) == waiting


def test_one_device_costs_one_query(
    device: Device, alice: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        found = device_for(alice, device.slug)
        str((found.org, found.project, found.sg, found.template, found.claimed_by))


def test_members_of_every_role_may_upload(device: Device, alice: Account, bob: Account) -> None:
    assert device.org is not None
    for user in (alice, bob, operator(device.org)):
        assert uploadable_device_for(user, device.pk) == device


def test_a_member_who_lost_the_permission_may_not_upload(device: Device, bob: Account) -> None:
    membership = OrgMembership.objects.get(user=bob)
    membership.permissions["can_create_stream_data"] = False
    membership.save(update_fields=["permissions"])

    with pytest.raises(NotFound, match=MISSING):
        uploadable_device_for(bob, device.pk)


def test_the_device_itself_may_upload(device: Device) -> None:
    assert uploadable_device_for(device, device.pk) == device


def test_another_device_of_the_same_project_may_not_upload(device: Device, project: Project) -> None:
    neighbour = make_device()
    Device.objects.filter(pk=neighbour.pk).update(org=project.org, project=project)

    with pytest.raises(NotFound, match=MISSING):
        uploadable_device_for(Device.objects.get(pk=neighbour.pk), device.pk)


def test_strangers_the_deregistered_and_nobody_may_not_upload(device: Device, charlie: Account) -> None:
    assert device.org is not None
    for sender in (charlie, deregistered(device.org), None):
        with pytest.raises(NotFound, match=MISSING):
            uploadable_device_for(sender, device.pk)


def test_nobody_uploads_for_a_device_that_is_not_there(alice: Account) -> None:
    with pytest.raises(NotFound, match=MISSING):
        uploadable_device_for(alice, 0x999999)


def test_the_gate_of_uploads_costs_one_query(
    device: Device, bob: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        assert uploadable_device_for(bob, device.pk).claimed


def test_devices_are_those_of_ones_organisations(device: Device, alice: Account, charlie: Account) -> None:
    elsewhere = make_project(org=charlie.orgs.get())
    foreign = make_device()
    Device.objects.filter(pk=foreign.pk).update(org=elsewhere.org, project=elsewhere)

    assert list(devices_of(alice)) == [device]
    assert list(devices_of(charlie)) == [foreign]


def test_a_filter_by_project_takes_uuid_and_slug(device: Device, alice: Account, project: Project) -> None:
    for name in (str(project.pk), project.slug, f"p--{project.gid:04x}"):
        assert list(devices_of(alice).filter(in_project(name))) == [device]


@pytest.mark.parametrize("name", ["", "p--", "nonsense", "d--0081"])
def test_a_filter_by_what_is_no_project_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="p--"):
        in_project(name)
