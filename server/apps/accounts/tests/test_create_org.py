"""Use cases: creating an organisation, and adding people to it."""

import pytest

from server.apps.accounts.models import PERMISSIONS, Account, Org, OrgMembership, Role, permissions_of
from server.apps.accounts.services.accounts import add_member, create_org
from server.apps.accounts.tests.factories import make_account, make_org
from server.core.errors import Conflict, Invalid

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def test_who_makes_an_organisation_owns_it(alice: Account) -> None:
    org = create_org(name="North Water", by=alice)

    membership = OrgMembership.objects.get(org=org, user=alice)
    assert membership.role == Role.OWNER
    assert membership.is_org_admin
    assert membership.permissions == permissions_of("a0")


def test_its_slug_comes_from_its_name(alice: Account) -> None:
    org = create_org(name="North Water & Sons", by=alice)

    assert (org.slug, org.ref) == ("north-water-sons", "^north-water-sons")


@pytest.mark.parametrize("name", ["North Water", "north water", "North  Water!"])
def test_a_name_with_a_taken_slug_is_refused(alice: Account, name: str) -> None:
    create_org(name="North Water", by=alice)

    with pytest.raises(Conflict) as refused:
        create_org(name=name, by=alice)

    assert refused.value.field == "name"
    assert Org.objects.count() == 1


@pytest.mark.parametrize("name", ["", "   ", "!!!", "\u30fb"])
def test_a_name_without_letter_or_digit_is_refused(alice: Account, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        create_org(name=name, by=alice)

    assert refused.value.field == "name"


@pytest.mark.parametrize(
    ("role", "admin"),
    [
        (Role.OWNER, True),
        (Role.ADMIN, True),
        (Role.DEVELOPER, False),
        (Role.MEMBER, False),
        (Role.OPERATOR, False),
    ],
)
def test_a_member_gets_a_copy_of_the_row_of_the_role(acme: Org, role: Role, admin: bool) -> None:
    membership = add_member(org=acme, user=make_account(), role=role)

    membership.refresh_from_db()
    assert membership.permissions == permissions_of(role)
    assert (membership.is_active, membership.is_org_admin) == (True, admin)


def test_a_deregistered_member_is_not_active_and_may_nothing(acme: Org) -> None:
    membership = add_member(org=acme, user=make_account(), role=Role.DEREGISTERED)

    assert not membership.is_active
    assert not any(membership.may(permission) for permission in PERMISSIONS)


def test_an_exception_for_one_person_counts(acme: Org) -> None:
    membership = add_member(org=acme, user=make_account(), role=Role.OPERATOR)
    membership.permissions["can_read_stream_data"] = True
    membership.save(update_fields=["permissions"])

    membership.refresh_from_db()
    assert membership.may("can_read_stream_data")


def test_nobody_is_a_member_twice(acme: Org, bob: Account) -> None:
    with pytest.raises(Conflict) as refused:
        add_member(org=acme, user=bob, role=Role.ADMIN)

    assert refused.value.field == "user"
    assert OrgMembership.objects.get(org=acme, user=bob).role == Role.MEMBER


def test_one_person_is_in_several_organisations_with_different_roles(bob: Account) -> None:
    other = make_org(owner=bob)

    roles = dict(OrgMembership.objects.filter(user=bob).values_list("org__name", "role"))

    assert roles == {"Acme": Role.MEMBER, other.name: Role.OWNER}
