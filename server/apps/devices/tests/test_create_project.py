"""Use case: creating a project, with a unique number also under concurrency."""

import pytest

from server.apps.accounts.models import Account, Org
from server.apps.devices.models import Project
from server.apps.devices.services.projects import create_project
from server.core.tests.committed import at_once, committed
from server.lib.slugs import ProjectSlug

__all__ = ["committed"]  # several connections must see the same rows

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


def test_the_slug_is_the_number_of_the_project(acme: Org, alice: Account) -> None:
    project = create_project(name="Meters", org=acme, by=alice)

    assert project.slug == str(ProjectSlug(project.gid))
    assert Project.objects.get(slug=project.slug) == project


def test_numbers_go_up_by_one(acme: Org, alice: Account) -> None:
    first, second = (create_project(name="Meters", org=acme, by=alice) for _ in range(2))

    assert second.gid == first.gid + 1


def test_projects_made_at_once_get_different_numbers(acme: Org, alice: Account) -> None:
    made = at_once(*[lambda: create_project(name="Meters", org=acme, by=alice)] * 4)

    assert all(isinstance(project, Project) for project in made), made
    assert len({project.gid for project in made}) == 4


def test_the_number_of_a_deleted_project_does_not_come_again(acme: Org, alice: Account) -> None:
    gone = create_project(name="Meters", org=acme, by=alice)
    number = gone.gid
    gone.delete()

    assert create_project(name="Meters", org=acme, by=alice).gid > number
