"""A kept answer is for a caller that still may make the request."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from server.apps.accounts.models import Account, Org, OrgMembership, Role, permissions_of
from server.apps.accounts.selectors.orgs import membership_of
from server.apps.accounts.services.memberships import change_role, leave_org
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account, make_org
from server.apps.devices.models import Device, DeviceKey
from server.apps.devices.services.keys import issue_upload_key
from server.apps.ingest.models import StreamerReport
from server.apps.ingest.tests.uploads import as_person, form, post, signed_list
from server.core.rest.models import IdempotentAnswer

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

INVITE: Final = "/api/v1/org/acme/invite/"


def upload(device: Device, who: dict[str, str]) -> Any:
    return post(form(signed_list(device, (1, 2, 3))), {**who, "Idempotency-Key": "a"})


def send(path: str, body: dict[str, Any], who: dict[str, str]) -> Any:
    headers = {**who, "Idempotency-Key": "a"}
    return Client().post(path, body, content_type="application/json", headers=headers)


def promote(user: Account, role: Role) -> None:
    OrgMembership.objects.filter(user=user).update(role=role, permissions=permissions_of(role))


def remove(bob: Account, alice: Account, acme: Org) -> None:
    change_role(membership=membership_of(acme, "bob"), role=Role.DEREGISTERED, by=alice)


def leave(bob: Account, alice: Account, acme: Org) -> None:
    leave_org(org=acme, user=bob)


def demote(bob: Account, alice: Account, acme: Org) -> None:
    change_role(membership=membership_of(acme, "bob"), role=Role.OPERATOR, by=alice)


def delete_membership(bob: Account, alice: Account, acme: Org) -> None:
    OrgMembership.objects.filter(user=bob).delete()


Loss = Callable[[Account, Account, Org], None]
LOSSES: Final = [remove, leave, demote, delete_membership]


@pytest.mark.parametrize("loss", LOSSES)
def test_who_lost_a_right_gets_no_kept_answer(alice: Account, bob: Account, acme: Org, loss: Loss) -> None:
    promote(bob, Role.ADMIN)
    who = as_person(bob)
    first = send(INVITE, {"email": "eve@example.com"}, who)

    loss(bob, alice, acme)
    again = send(INVITE, {"email": "eve@example.com"}, who)

    assert first.status_code == 201
    assert again.status_code == 403
    assert "eve@example.com" not in again.content.decode()
    assert "Idempotent-Replayed" not in again.headers


def test_what_the_body_names_is_as_safe_as_what_the_path_names(
    alice: Account, bob: Account, acme: Org, device: Device
) -> None:
    who = as_person(bob)
    first = upload(device, who)

    remove(bob, alice, acme)
    again = upload(device, who)

    assert (first.status_code, again.status_code) == (201, 403)
    assert StreamerReport.objects.count() == 1


def test_who_was_removed_is_not_told_of_a_secret_either(alice: Account, bob: Account, acme: Org) -> None:
    promote(bob, Role.ADMIN)
    who, body = as_person(bob), {"name": "Line 1", "scopes": ["catalogue"]}
    send("/api/v1/org/acme/apikeys/", body, who)

    remove(bob, alice, acme)

    assert send("/api/v1/org/acme/apikeys/", body, who).status_code == 403


def test_who_is_staff_no_more_gets_no_kept_answer(acme: Org) -> None:
    staff = make_account(is_staff=True)
    who, path = as_person(staff), f"{INVITE}?staff=1"
    first = send(path, {"email": "eve@example.com"}, who)

    Account.objects.filter(pk=staff.pk).update(is_staff=False)

    assert (first.status_code, send(path, {"email": "eve@example.com"}, who).status_code) == (201, 403)


def test_who_has_more_rights_now_gets_the_first_answer(alice: Account, bob: Account, device: Device) -> None:
    who = as_person(bob)
    upload(device, who)

    promote(bob, Role.ADMIN)
    make_org(name="Elsewhere", owner=bob)

    assert upload(device, who).headers["Idempotent-Replayed"] == "true"


def test_a_request_that_brings_rights_itself_is_repeated(charlie: Account) -> None:
    who = as_person(charlie)
    answers = [send("/api/v1/org/", {"name": "Wells"}, who) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert Org.objects.filter(name="Wells").count() == 1


def test_who_comes_back_gets_the_first_answer_again(
    alice: Account, bob: Account, acme: Org, device: Device
) -> None:
    who = as_person(bob)
    upload(device, who)
    remove(bob, alice, acme)
    OrgMembership.objects.filter(user=bob).update(is_active=True)
    promote(bob, Role.MEMBER)

    assert upload(device, who).headers["Idempotent-Replayed"] == "true"


def test_a_device_that_left_its_project_gets_no_kept_answer(device: Device) -> None:
    who = {"Authorization": f"Device-Key {issue_upload_key(device=device, by=None)}"}
    first = upload(device, who)

    Device.objects.filter(pk=device.pk).update(project=None, org=None)

    assert DeviceKey.objects.filter(device=device, revoked_on=None).exists()
    assert (first.status_code, upload(device, who).status_code) == (201, 403)


def test_a_device_that_is_switched_off_gets_no_kept_answer(device: Device) -> None:
    who = {"Authorization": f"Device-Key {issue_upload_key(device=device, by=None)}"}
    first = upload(device, who)

    Device.objects.filter(pk=device.pk).update(active=False)

    assert first.status_code == 201
    assert "Idempotent-Replayed" not in upload(device, who).headers


def test_the_first_answer_is_kept_for_later(alice: Account, bob: Account, acme: Org, device: Device) -> None:
    """The work was done, so it is not done again by whoever lost the right to its answer."""
    upload(device, as_person(bob))
    remove(bob, alice, acme)

    upload(device, as_person(bob))

    assert IdempotentAnswer.objects.count() == 1
    assert api_client(alice).get("/api/v1/org/acme/members/").status_code == 200


def test_the_rights_cost_one_query(
    bob: Account, device: Device, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    who = as_person(bob)
    upload(device, who)

    with django_assert_max_num_queries(6):  # bearer, savepoint, key, rights, answer, savepoint
        upload(device, who)
