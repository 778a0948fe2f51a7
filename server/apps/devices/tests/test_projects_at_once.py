"""Projects that several people create at the same time."""

import pytest

from server.apps.accounts.models import Account, Org
from server.apps.devices.models import Project
from server.apps.devices.services.projects import create_project
from server.core.tests.committed import at_once, committed

__all__ = ["committed"]  # several connections

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


def test_weak_point_29_projects_started_at_once_have_numbers_of_their_own(acme: Org, alice: Account) -> None:
    projects = at_once(*[lambda: create_project(name="Same", org=acme, by=alice)] * 6)

    assert [type(project) for project in projects] == [Project] * 6, projects
    assert len({project.gid for project in projects}) == 6
