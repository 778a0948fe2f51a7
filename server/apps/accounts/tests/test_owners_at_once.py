"""Two owners who go at the same moment, each in a way of their own: one stays, and nobody waits in
a circle."""

import pytest

from server.apps.accounts.models import Account, Org, OrgMembership, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.services.memberships import change_role, leave_org
from server.apps.accounts.services.people import erase_account
from server.apps.accounts.tests.factories import make_account, make_org
from server.core.errors import Conflict
from server.core.tests.committed import at_once
from server.core.tests.committed import committed as committed

pytestmark = [pytest.mark.integration]
ROUNDS = 5


@pytest.fixture
def owners(_django_db_helper: None) -> tuple[Account, Account]:
    return make_account(username="anna"), make_account(username="ben")


def owned_by(owners: tuple[Account, Account]) -> Org:
    anna, ben = owners
    org = make_org(owner=anna)
    add_member(org=org, user=ben, role=Role.OWNER)
    return org


def owners_left(org: Org) -> int:
    return OrgMembership.objects.filter(
        org=org, role=Role.OWNER, is_active=True, user__is_active=True
    ).count()


def test_an_erased_and_a_demoted_owner_do_not_wait_for_each_other(owners: tuple[Account, Account]) -> None:
    anna, ben = owners
    orgs = [owned_by(owners) for _ in range(ROUNDS)]
    demotions = [OrgMembership.objects.get(org=org, user=ben) for org in orgs]

    outcomes = at_once(
        lambda: erase_account(account=anna, by=anna),
        *(
            lambda member=member: change_role(membership=member, role=Role.MEMBER, by=ben)
            for member in demotions
        ),
    )

    refused = [each for each in outcomes if isinstance(each, Exception)]
    assert {type(each) for each in refused} <= {Conflict}
    assert min(owners_left(org) for org in orgs) >= 1


def test_of_two_owners_who_leave_at_once_one_stays(owners: tuple[Account, Account]) -> None:
    anna, ben = owners
    org = owned_by(owners)

    outcomes = at_once(lambda: leave_org(org=org, user=anna), lambda: leave_org(org=org, user=ben))

    assert sorted(type(each).__name__ for each in outcomes) == ["Conflict", "NoneType"]
    assert owners_left(org) == 1
