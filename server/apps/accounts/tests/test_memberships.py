"""The gate to an organisation, and who may do what in it."""

import pytest
from django.contrib.auth.models import AnonymousUser

from server.apps.accounts.models import Account, Org, OrgMembership, Role
from server.apps.accounts.selectors.accounts import (
    accounts_visible_to,
    first_account,
    may,
    org_for,
    org_ids_where,
    orgs_of,
    require,
)
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.factories import make_account
from server.core.errors import Forbidden, NotFound

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def member(org: Org, role: Role) -> Account:
    user = make_account()
    add_member(org=org, user=user, role=role)
    return user


@pytest.mark.parametrize("role", [role for role in Role if role != Role.DEREGISTERED])
def test_every_member_passes_the_gate(acme: Org, role: Role) -> None:
    user = member(acme, role)

    assert org_for(user, "acme") == acme


def test_the_deregistered_do_not_pass(acme: Org) -> None:
    user = member(acme, Role.DEREGISTERED)

    with pytest.raises(NotFound):
        org_for(user, "acme")


def test_a_suspended_member_does_not_pass(acme: Org, bob: Account) -> None:
    OrgMembership.objects.filter(user=bob).update(is_active=False)

    with pytest.raises(NotFound):
        org_for(bob, "acme")


def test_a_deregistered_member_does_not_pass_even_if_marked_active(acme: Org, bob: Account) -> None:
    OrgMembership.objects.filter(user=bob).update(role=Role.DEREGISTERED)

    with pytest.raises(NotFound):
        org_for(bob, "acme")
    assert not may(bob, "can_read_stream_data", acme)


def test_a_stranger_gets_the_answer_for_what_is_not_there(acme: Org, charlie: Account) -> None:
    with pytest.raises(NotFound) as foreign:
        org_for(charlie, "acme")
    with pytest.raises(NotFound) as missing:
        org_for(charlie, "no-such-org")

    assert foreign.value.message == missing.value.message


def test_nobody_passes_without_signing_in(acme: Org) -> None:
    with pytest.raises(NotFound):
        org_for(AnonymousUser(), "acme")


def test_staff_do_not_pass_by_being_staff(acme: Org) -> None:
    with pytest.raises(NotFound):
        org_for(make_account(is_staff=True), "acme")


def test_orgs_are_ones_own(acme: Org, alice: Account, bob: Account, charlie: Account) -> None:
    names = {user.username: [org.name for org in orgs_of(user)] for user in (alice, bob, charlie)}

    assert names == {"alice": ["Acme"], "bob": ["Acme"], "charlie": ["Elsewhere"]}


def test_requiring_a_permission_one_has_is_silent(acme: Org, alice: Account) -> None:
    require(alice, "can_claim_devices", acme)


def test_requiring_a_permission_one_lacks_is_forbidden(acme: Org, bob: Account) -> None:
    with pytest.raises(Forbidden):
        require(bob, "can_claim_devices", acme)


def test_a_permission_in_one_organisation_is_none_in_another(acme: Org, charlie: Account) -> None:
    assert not may(charlie, "can_claim_devices", acme)


def test_org_ids_are_those_where_the_permission_is_held(acme: Org, alice: Account, bob: Account) -> None:
    assert list(org_ids_where(alice, "can_claim_devices")) == [acme.pk]
    assert list(org_ids_where(bob, "can_claim_devices")) == []
    assert list(org_ids_where(bob, "can_modify_device")) == [acme.pk]
    assert list(org_ids_where(AnonymousUser(), "can_modify_device")) == []


def test_a_permission_taken_from_one_person_is_gone(acme: Org, bob: Account) -> None:
    membership = OrgMembership.objects.get(user=bob)
    membership.permissions["can_modify_device"] = False
    membership.save(update_fields=["permissions"])

    assert list(org_ids_where(bob, "can_modify_device")) == []
    assert not may(bob, "can_modify_device", acme)


def test_one_sees_oneself_only(alice: Account, bob: Account) -> None:
    assert list(accounts_visible_to(alice)) == [alice]
    assert list(accounts_visible_to(AnonymousUser())) == []


def test_the_first_account_is_the_oldest(alice: Account, bob: Account) -> None:
    assert first_account() == alice
