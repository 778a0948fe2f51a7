"""Members, invitations and accounts that several people change at the same time: an organisation
keeps an owner, a link lets in once."""

import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.db import transaction
from pytest_django import Settings

from server.apps.accounts.models import (
    Account,
    ApiToken,
    Invitation,
    Org,
    OrgMembership,
    Role,
    permissions_of,
)
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.services.invitations import (
    accept_invitation,
    delete_invitation,
    invite,
    resend_invitation,
)
from server.apps.accounts.services.keys import create_org_api_key, revoke_org_api_key
from server.apps.accounts.services.memberships import change_role, join
from server.apps.accounts.services.people import erase_account
from server.apps.accounts.services.permissions import sync_permissions
from server.apps.accounts.services.signing import create_api_token
from server.apps.accounts.tests.factories import make_account
from server.apps.activity.models import Change
from server.core.errors import Conflict, Forbidden, NotFound
from server.core.queue.tests.waiting import run_waiting_jobs
from server.core.tests.committed import committed, overlapping

__all__ = ["committed"]  # several connections

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.fixture
def dora(acme: Org) -> Account:
    """The second owner of Alice's organisation."""
    return member(acme, Role.OWNER, "dora")


def member(org: Org, role: Role, username: str = "") -> Account:
    user = make_account(username=username)
    add_member(org=org, user=user, role=role)
    return user


def membership(user: Account) -> OrgMembership:
    return OrgMembership.objects.get(user=user)


def step_down(user: Account) -> OrgMembership:
    return change_role(membership=membership(user), role=Role.MEMBER, by=user)


@transaction.atomic
def join_as(role: Role, org: Org, user: Account) -> OrgMembership:
    return join(org=org, user=user, role=role, event="accept-invitation")


def owners_of(org: Org) -> list[str]:
    found = OrgMembership.objects.filter(org=org, role=Role.OWNER, is_active=True, user__is_active=True)
    return list(found.values_list("user__username", flat=True))


def secret_of_newest_mail() -> str:
    run_waiting_jobs()
    found = re.search(r"/invitation/([^/\s]+)/accept/", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


# The last owner


def test_of_two_owners_who_step_down_at_once_one_stays(acme: Org, alice: Account, dora: Account) -> None:
    _, second = overlapping(lambda: step_down(alice), lambda: step_down(dora))

    assert isinstance(second, Conflict)
    assert owners_of(acme) == ["dora"]


def test_of_two_owners_who_remove_each_other_at_once_one_stays(
    acme: Org, alice: Account, dora: Account
) -> None:
    _, second = overlapping(
        lambda: change_role(membership=membership(alice), role=Role.DEREGISTERED, by=dora),
        lambda: change_role(membership=membership(dora), role=Role.DEREGISTERED, by=alice),
    )

    assert isinstance(second, Forbidden)
    assert owners_of(acme) == ["dora"]


def test_of_two_owners_who_erase_their_accounts_at_once_one_stays(
    acme: Org, alice: Account, dora: Account
) -> None:
    _, second = overlapping(
        lambda: erase_account(account=alice, by=alice), lambda: erase_account(account=dora, by=dora)
    )

    assert isinstance(second, Conflict)
    assert owners_of(acme) == ["dora"]


def test_an_owner_stays_when_the_other_erases_the_account_at_the_same_time(
    acme: Org, alice: Account, dora: Account
) -> None:
    _, second = overlapping(lambda: erase_account(account=alice, by=alice), lambda: step_down(dora))

    assert isinstance(second, Conflict)
    assert owners_of(acme) == ["dora"]


def test_an_owner_keeps_the_account_when_the_other_steps_down_at_the_same_time(
    acme: Org, alice: Account, dora: Account
) -> None:
    _, second = overlapping(lambda: step_down(alice), lambda: erase_account(account=dora, by=dora))

    assert isinstance(second, Conflict)
    assert owners_of(acme) == ["dora"]


def test_an_owner_who_left_does_not_count(acme: Org, alice: Account, dora: Account) -> None:
    OrgMembership.objects.filter(user=dora).update(is_active=False)

    for leave in (lambda: step_down(alice), lambda: erase_account(account=alice, by=alice)):
        with pytest.raises(Conflict):
            leave()


def test_an_owner_whose_account_is_closed_does_not_count(acme: Org, alice: Account, dora: Account) -> None:
    Account.objects.filter(pk=dora.pk).update(is_active=False)

    for leave in (lambda: step_down(alice), lambda: erase_account(account=alice, by=alice)):
        with pytest.raises(Conflict):
            leave()


def test_an_owner_of_another_organisation_does_not_count(acme: Org, alice: Account, charlie: Account) -> None:
    for leave in (lambda: step_down(alice), lambda: erase_account(account=alice, by=alice)):
        with pytest.raises(Conflict):
            leave()


def test_an_admin_is_no_owner(acme: Org, alice: Account) -> None:
    member(acme, Role.ADMIN)

    for leave in (lambda: step_down(alice), lambda: erase_account(account=alice, by=alice)):
        with pytest.raises(Conflict):
            leave()


# Ranks


def test_a_role_that_was_raised_meanwhile_protects_its_member(
    acme: Org, alice: Account, bob: Account
) -> None:
    """The administrator's page still shows Bob as a member."""
    admin = member(acme, Role.ADMIN)
    as_shown = membership(bob)

    _, second = overlapping(
        lambda: change_role(membership=membership(bob), role=Role.OWNER, by=alice),
        lambda: change_role(membership=as_shown, role=Role.DEREGISTERED, by=admin),
    )

    assert isinstance(second, Forbidden)
    assert membership(bob).role == Role.OWNER


def test_nobody_invites_again_whom_a_higher_one_invited(acme: Org, alice: Account) -> None:
    """The invitation of an owner would become one of an observer, and its link would end."""
    pending = invite(org=acme, email="eve@example.com", role=Role.OWNER, by=alice)

    with pytest.raises(Forbidden):
        invite(org=acme, email="Eve@Example.com", role=Role.OPERATOR, by=member(acme, Role.ADMIN))

    assert Invitation.objects.get().digest == pending.digest


def test_an_invitation_that_was_accepted_says_nothing_about_the_next(acme: Org, alice: Account) -> None:
    invite(org=acme, email="eve@example.com", role=Role.OWNER, by=alice)
    eve = make_account(username="eve")
    accept_invitation(secret=secret_of_newest_mail(), by=eve)
    change_role(membership=membership(eve), role=Role.DEREGISTERED, by=alice)

    again = invite(org=acme, email="eve@example.com", role=Role.MEMBER, by=member(acme, Role.ADMIN))

    assert (again.role, again.accepted_on) == (Role.MEMBER, None)


def test_nobody_sends_again_or_withdraws_an_invitation_above_the_own_rank(acme: Org, alice: Account) -> None:
    pending = invite(org=acme, email="eve@example.com", role=Role.OWNER, by=alice)
    admin = member(acme, Role.ADMIN)

    with pytest.raises(Forbidden):
        resend_invitation(invitation=pending, by=admin)
    with pytest.raises(Forbidden):
        delete_invitation(invitation=pending, by=admin)

    assert Invitation.objects.get().digest == pending.digest


def test_a_role_that_is_lowered_while_permissions_are_synchronized_keeps_no_permission(
    acme: Org, alice: Account, bob: Account
) -> None:
    known = membership(bob)
    del known.permissions["can_read_notes"]  # newer than the membership
    known.save(update_fields=["permissions"])

    _, changed = overlapping(
        lambda: change_role(membership=membership(bob), role=Role.OPERATOR, by=alice), sync_permissions
    )

    assert changed == 0
    assert membership(bob).permissions == permissions_of(Role.OPERATOR)


# Credentials


def test_of_two_tokens_that_are_made_at_once_one_is_within_the_limit(
    alice: Account, settings: Settings
) -> None:
    settings.API_TOKENS_NAMED = 1

    _, second = overlapping(
        lambda: create_api_token(user=alice, name="one"), lambda: create_api_token(user=alice, name="two")
    )

    assert isinstance(second, Conflict)
    assert [token.name for token in ApiToken.objects.all()] == ["one"]


def test_a_key_that_two_revoke_at_once_is_recorded_once(acme: Org, alice: Account) -> None:
    key, _ = create_org_api_key(org=acme, name="Export", scopes=["read"], by=alice)

    overlapping(*[lambda: revoke_org_api_key(org=acme, key_id=key.pk, by=alice)] * 2)

    assert Change.objects.filter(event="revoke-api-key").count() == 1


# Invitations


def test_a_link_that_is_opened_twice_at_once_lets_in_once(acme: Org, alice: Account) -> None:
    invite(org=acme, email="eve@example.com", role=Role.MEMBER, by=alice)
    secret, eve = secret_of_newest_mail(), make_account(username="eve")

    first, second = overlapping(
        lambda: accept_invitation(secret=secret, by=eve), lambda: accept_invitation(secret=secret, by=eve)
    )

    assert first.role == Role.MEMBER
    assert isinstance(second, NotFound)


@pytest.mark.parametrize("change", [resend_invitation, delete_invitation])
def test_an_invitation_that_is_accepted_at_the_same_time_is_not_opened_again(
    acme: Org, alice: Account, change: Callable[..., object]
) -> None:
    pending = invite(org=acme, email="eve@example.com", role=Role.MEMBER, by=alice)
    secret, eve = secret_of_newest_mail(), make_account(username="eve")

    _, second = overlapping(
        lambda: accept_invitation(secret=secret, by=eve), lambda: change(invitation=pending, by=alice)
    )

    assert isinstance(second, NotFound)
    assert Invitation.objects.get().accepted_on is not None


def test_an_invitation_that_was_raised_at_the_same_time_is_sent_again_by_nobody_below(
    acme: Org, alice: Account
) -> None:
    pending = invite(org=acme, email="eve@example.com", role=Role.MEMBER, by=alice)
    admin = member(acme, Role.ADMIN)

    _, second = overlapping(
        lambda: invite(org=acme, email="eve@example.com", role=Role.OWNER, by=alice),
        lambda: resend_invitation(invitation=pending, by=admin),
    )

    assert isinstance(second, Forbidden)
    assert Invitation.objects.get().role == Role.OWNER


def test_two_invitations_of_one_address_at_once_are_one(acme: Org, alice: Account, dora: Account) -> None:
    invite(org=acme, email="eve@example.com", role=Role.MEMBER, by=alice)

    _, second = overlapping(
        lambda: invite(org=acme, email="eve@example.com", role=Role.OWNER, by=alice),
        lambda: invite(org=acme, email="eve@example.com", role=Role.MEMBER, by=member(acme, Role.ADMIN)),
    )

    assert isinstance(second, Forbidden)
    assert Invitation.objects.get().role == Role.OWNER


def test_who_joins_twice_at_once_is_a_member_once(acme: Org) -> None:
    eve = make_account(username="eve")

    first, second = overlapping(
        lambda: join_as(Role.MEMBER, acme, eve), lambda: join_as(Role.DEVELOPER, acme, eve)
    )

    assert (second.pk, second.role) == (first.pk, Role.MEMBER)


def test_the_services_of_keys_check_the_right_themselves(acme: Org, alice: Account, bob: Account) -> None:
    key, _ = create_org_api_key(org=acme, name="Export", scopes=["read"], by=alice)

    with pytest.raises(Forbidden):
        create_org_api_key(org=acme, name="Mine", scopes=["read"], by=bob)
    with pytest.raises(Forbidden):
        revoke_org_api_key(org=acme, key_id=key.pk, by=bob)
