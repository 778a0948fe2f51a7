"""Memberships keep copies of the role matrix, which grows."""

from collections.abc import Callable

import pytest

from server.apps.accounts.jobs import SyncPermissions
from server.apps.accounts.models import PERMISSIONS, Account, Org, OrgMembership
from server.apps.accounts.services.permissions import sync_permissions
from server.core.errors import NotFound
from server.core.queue import enqueue

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def make_old(user: Account) -> OrgMembership:
    """As a version wrote it that knew other permissions; one thing was changed for this person."""
    membership = OrgMembership.objects.get(user=user)
    membership.permissions |= {"can_of_old": True, "can_modify_device": False}
    del membership.permissions["can_access_reports"]
    del membership.permissions["can_reset_device"]
    membership.save()
    return membership


def test_a_membership_gets_what_its_role_has_and_keeps_what_was_changed(
    bob: Account, run_jobs: Callable[[], int]
) -> None:
    membership = make_old(bob)

    for _ in range(2):
        enqueue(SyncPermissions())
        run_jobs()

    membership.refresh_from_db()
    assert set(membership.permissions) == set(PERMISSIONS)
    assert membership.permissions["can_access_reports"] is True
    assert membership.permissions["can_reset_device"] is False
    assert membership.permissions["can_modify_device"] is False


def test_the_second_time_nothing_changes(bob: Account) -> None:
    make_old(bob)

    assert [sync_permissions(), sync_permissions()] == [1, 0]


def test_one_organisation_may_be_named(acme: Org, bob: Account, charlie: Account) -> None:
    make_old(bob)
    make_old(charlie)

    assert [sync_permissions(org="acme"), sync_permissions()] == [1, 1]


def test_an_organisation_that_is_not_there_is_named(acme: Org) -> None:
    with pytest.raises(NotFound, match="acne"):
        sync_permissions(org="acne")
