"""Reading projects over REST."""

import pytest
from pytest_django import DjangoAssertNumQueries

from server.apps.accounts.models import Account, Org
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_org
from server.apps.devices.models import Project
from server.apps.devices.tests.factories import make_project

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

PROJECTS = "/api/v1/project/"


def test_a_project_has_the_fields_of_the_original_cloud_and_its_setting(
    alice: Account, project: Project
) -> None:
    shown = api_client(alice).get(f"{PROJECTS}{project.pk}/").json()

    assert set(shown) == {
        *("id", "name", "slug", "gid", "org", "about", "project_template", "created_on", "created_by"),
        "names_make_variables",
    }
    assert shown["gid"] == project.slug.removeprefix("p--")
    assert shown["org"] == "acme"
    assert shown["created_by"] == "alice"


def test_a_project_is_found_by_its_uuid_and_by_its_slug(bob: Account, project: Project) -> None:
    client = api_client(bob)

    by_id, by_slug = client.get(f"{PROJECTS}{project.pk}/"), client.get(f"{PROJECTS}{project.slug}/")

    assert by_id.json() == by_slug.json()


@pytest.mark.parametrize("what", ["p--ffff-ffff", "nonsense", "%00", "7", "p--" + "0" * 5000])
def test_what_is_no_project_is_not_there(alice: Account, project: Project, what: str) -> None:
    response = api_client(alice).get(f"{PROJECTS}{what}/")

    assert response.status_code == 404
    assert response.json() == {"detail": "Not found."}


def test_the_project_of_others_is_not_there(charlie: Account, project: Project) -> None:
    assert api_client(charlie).get(f"{PROJECTS}{project.pk}/").status_code == 404


def test_the_list_holds_ones_own(alice: Account, charlie: Account, project: Project) -> None:
    assert api_client(alice).get(PROJECTS).json()["count"] == 1
    assert api_client(charlie).get(PROJECTS).json()["count"] == 0


def test_the_list_can_be_narrowed_to_an_organisation(alice: Account, project: Project) -> None:
    other = make_project(name="Soil", org=make_org(name="Garden", owner=alice))

    shown = api_client(alice).get(f"{PROJECTS}?org__slug=garden").json()["results"]

    assert [found["slug"] for found in shown] == [other.slug]


def test_the_list_takes_three_queries_for_any_length(
    alice: Account, acme: Org, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        make_project(org=acme)
    client = api_client(alice)

    with django_assert_num_queries(3):  # who asks, how many, the page
        assert client.get(PROJECTS).json()["count"] == 5
