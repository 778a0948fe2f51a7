"""Each service asks for the right itself, and acts on its organisation and account alone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.utils import timezone
from pytest_django import Settings

from server.apps.accounts.models import (
    Account,
    ApiToken,
    Invitation,
    Org,
    OrgApiKey,
    OrgDomain,
    OrgMembership,
    Role,
)
from server.apps.accounts.selectors.orgs import members_of
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.services.invitations import invite
from server.apps.accounts.services.keys import create_org_api_key
from server.apps.accounts.services.memberships import leave_org, register_member
from server.apps.accounts.services.messages import message_members
from server.apps.accounts.services.orgs import add_domain, change_org, remove_domain
from server.apps.accounts.services.signing import (
    SecondFactorNeeded,
    authenticated_account,
    create_api_token,
    revoke_own_token,
)
from server.apps.accounts.services.templates import change_org_template, create_org_template
from server.apps.accounts.tests.factories import PASSWORD, make_account
from server.core.errors import Conflict, Forbidden, NotFound

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
Call = Callable[[Org, Account], object]

FOR_MANAGERS: dict[str, Call] = {
    "change the organisation": lambda org, by: change_org(org=org, changes={"about": "x"}, by=by),
    "add a domain": lambda org, by: add_domain(
        org=org, name="acme.example", default_role=Role.OPERATOR, by=by
    ),
    "remove a domain": lambda org, by: remove_domain(
        domain=OrgDomain.objects.create(org=org, name="acme.example", created_by=org.created_by), by=by
    ),
    "make an API key": lambda org, by: create_org_api_key(
        org=org, name="x", scopes=[OrgApiKey.Scope.UPLOAD], by=by
    ),
    "mail the members": lambda org, by: message_members(org=org, roles=[], subject="x", text="x", by=by),
    "invite": lambda org, by: invite(org=org, email="new@example.com", role=Role.OPERATOR, by=by),
}


@pytest.mark.parametrize("name", FOR_MANAGERS)
def test_a_member_without_the_right_may_not(name: str, acme: Org, bob: Account) -> None:
    with pytest.raises(Forbidden):
        FOR_MANAGERS[name](acme, bob)


@pytest.mark.parametrize("name", FOR_MANAGERS)
def test_the_owner_of_another_organisation_may_not(name: str, acme: Org, charlie: Account) -> None:
    with pytest.raises(Forbidden):
        FOR_MANAGERS[name](acme, charlie)


def test_a_domain_gives_no_role_above_ones_own(acme: Org) -> None:
    developer = make_account()
    add_member(org=acme, user=developer, role=Role.DEVELOPER)

    with pytest.raises(Forbidden):
        add_domain(org=acme, name="acme.example", default_role=Role.ADMIN, by=developer)

    add_domain(org=acme, name="acme.example", default_role=Role.DEVELOPER, by=developer)


def test_nobody_but_staff_makes_somebody_a_member(acme: Org, alice: Account, charlie: Account) -> None:
    with pytest.raises(Forbidden):
        register_member(org=acme, user=charlie, role=Role.OPERATOR, by=alice)


def test_only_staff_make_templates_of_organisations(alice: Account) -> None:
    with pytest.raises(Forbidden):
        create_org_template(name="Shop", version=(1, 0, 0), extra_data={}, by=alice)


def test_only_staff_change_templates_of_organisations(alice: Account) -> None:
    template = create_org_template(
        name="Shop", version=(1, 0, 0), extra_data={}, by=make_account(is_staff=True)
    )

    with pytest.raises(Forbidden):
        change_org_template(template=template, changes={"extra_data": {"x": 1}}, by=alice)


def test_an_invitation_leaves_that_of_another_organisation_alone(
    acme: Org, alice: Account, other_org: Org, charlie: Account
) -> None:
    theirs = invite(org=other_org, email="new@example.com", role=Role.OPERATOR, by=charlie)

    ours = invite(org=acme, email="new@example.com", role=Role.MEMBER, by=alice)

    theirs.refresh_from_db()
    assert (theirs.org, theirs.role) == (other_org, Role.OPERATOR)
    assert ours.pk != theirs.pk
    assert Invitation.objects.count() == 2


def test_who_leaves_an_organisation_stays_in_the_others(acme: Org, other_org: Org) -> None:
    user = make_account()
    for org in (other_org, acme):
        add_member(org=org, user=user, role=Role.MEMBER)

    leave_org(org=acme, user=user)

    current = [each.org for each in OrgMembership.objects.filter(user=user) if each.is_current]
    assert current == [other_org]


def test_who_left_is_not_listed_as_a_member(acme: Org, bob: Account, alice: Account) -> None:
    leave_org(org=acme, user=bob)

    assert [each.user for each in members_of(acme)] == [alice]


def test_the_last_owner_stays_although_others_are_members(acme: Org, alice: Account, bob: Account) -> None:
    with pytest.raises(Conflict):
        leave_org(org=acme, user=alice)


def test_a_token_of_another_person_is_not_revoked(alice: Account, bob: Account) -> None:
    create_api_token(user=bob, name="mine")
    token = ApiToken.objects.get()

    with pytest.raises(NotFound):
        revoke_own_token(user=alice, token_id=token.pk)

    token.refresh_from_db()
    assert token.revoked_on is None


def test_a_token_is_revoked_once(alice: Account) -> None:
    create_api_token(user=alice, name="mine")
    token = ApiToken.objects.get()
    revoke_own_token(user=alice, token_id=token.pk)

    with pytest.raises(NotFound):
        revoke_own_token(user=alice, token_id=token.pk)


def test_expired_tokens_of_a_sign_in_are_not_counted(alice: Account, settings: Settings) -> None:
    settings.API_TOKENS_NAMED = 1
    create_api_token(user=alice, name="old", now=timezone.now() - timedelta(days=1000))

    create_api_token(user=alice, name="new")

    with pytest.raises(Conflict):
        create_api_token(user=alice, name="one too many")


def test_a_password_alone_does_not_sign_in_who_has_a_second_factor(alice: Account) -> None:
    TOTP.activate(alice, generate_totp_secret())

    with pytest.raises(SecondFactorNeeded):
        authenticated_account(login=alice.email, password=PASSWORD, address="10.0.0.1")
