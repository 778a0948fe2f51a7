"""Reading variables over REST."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from server.apps.accounts.models import Account
from server.apps.accounts.services.signing import issue_jwt
from server.apps.accounts.tests.clients import api_client
from server.apps.devices.models import Device, Project
from server.apps.devices.tests.factories import make_project
from server.apps.streams.services.variables import create_variable

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

VARIABLES = "/api/v1/variable/"


def test_a_variable_has_the_fields_of_the_original_cloud_and_its_sent_name(
    alice: Account, device: Device
) -> None:
    [shown] = api_client(alice).get(VARIABLES).json()["results"]

    assert set(shown) == {
        *("id", "name", "lid", "var_type", "input_unit", "output_unit", "derived_variable", "project", "org"),
        *("about", "created_on", "raw_value_format", "units", "multiplication_factor", "division_factor"),
        *("offset", "decimal_places", "mdo_label", "web_only", "app_only", "slug", "sent_name"),
    }
    assert shown["lid"] == 0x5001
    assert shown["project"] == str(device.project_id)
    assert shown["var_type"] == "water-meter-volume"
    assert set(shown["input_unit"]) == {"slug", "unit_full", "unit_short", "m", "d", "o"}
    assert set(shown["output_unit"]) == {*shown["input_unit"], "decimal_places", "derived_units"}


def test_a_variable_is_found_by_the_forms_of_its_slug(alice: Account, device: Device) -> None:
    client = api_client(alice)
    [variable] = client.get(VARIABLES).json()["results"]
    short = variable["slug"].replace("v--0000-", "v--")

    assert client.get(f"{VARIABLES}{variable['slug']}/").json() == variable
    assert client.get(f"{VARIABLES}{short}/").json() == variable


@pytest.mark.parametrize("what", ["v--0000-ffff--5001", "v--1--5001", "5001", "%00", "v--" + "0" * 5000])
def test_what_is_no_variable_is_not_there(alice: Account, device: Device, what: str) -> None:
    assert api_client(alice).get(f"{VARIABLES}{what}/").status_code == 404


def test_the_variable_of_others_is_not_there(alice: Account, charlie: Account, device: Device) -> None:
    [variable] = api_client(alice).get(VARIABLES).json()["results"]

    assert api_client(charlie).get(f"{VARIABLES}{variable['slug']}/").status_code == 404
    assert api_client(charlie).get(VARIABLES).json()["count"] == 0


def test_the_list_can_be_narrowed_to_a_project(alice: Account, device: Device) -> None:
    other = make_project(org=alice.orgs.get())
    variable = create_variable(project=other, lid=0x5002, name="IO 2", by=alice)
    client = api_client(alice)

    by_id, by_slug = (
        client.get(f"{VARIABLES}?project={other.pk}"),
        client.get(f"{VARIABLES}?project={other.slug}"),
    )

    assert [found["slug"] for found in by_id.json()["results"]] == [variable.slug]
    assert by_id.json() == by_slug.json()


def test_a_second_question_mark_is_read_as_an_ampersand(alice: Account, device: Device) -> None:
    other = make_project(org=alice.orgs.get())
    create_variable(project=other, lid=0x5002, name="IO 2", by=alice)

    response = Client().get(
        f"{VARIABLES}?page_size=5?project={other.pk}",
        headers={"Authorization": f"JWT {issue_jwt(user=alice)}"},
    )

    assert response.json()["count"] == 1


def test_the_list_takes_three_queries_for_any_length(
    alice: Account, project: Project, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        create_variable(project=project, lid=0x5000 + number, name=f"Variable {number}", by=alice)
    client = api_client(alice)

    with django_assert_num_queries(3):  # who asks, how many, the page
        assert client.get(VARIABLES).json()["count"] == 5


def test_a_variable_gets_the_name_under_which_devices_send_it(
    alice: Account, device: Device, project: Project
) -> None:
    fields = {"name": "Boiler", "lid": 0x5002, "project": project.slug, "sent_name": "t"}

    made = api_client(alice).post(VARIABLES, fields, format="json")
    changed = api_client(alice).patch(
        f"{VARIABLES}{made.json()['slug']}/", {"sent_name": "t2"}, format="json"
    )

    assert (made.status_code, made.json()["sent_name"]) == (201, "t")
    assert (changed.status_code, changed.json()["sent_name"]) == (200, "t2")


def test_a_sent_name_is_of_one_variable_of_a_project(
    alice: Account, device: Device, project: Project
) -> None:
    for lid, project_of_it, status in (
        (0x5002, project, 201),
        (0x5003, project, 400),
        (0x5003, make_project(org=project.org), 201),
    ):
        fields = {"name": "Boiler", "lid": lid, "project": project_of_it.slug, "sent_name": "t"}
        answer = api_client(alice).post(VARIABLES, fields, format="json")
        assert answer.status_code == status, answer.content

    assert list(
        api_client(alice).post(VARIABLES, {**fields, "project": project.slug}, format="json").json()
    ) == ["sent_name"]


@pytest.mark.parametrize("name", ["ts", "key", "a\nb", "x" * 61])
def test_what_no_device_can_send_is_no_sent_name(
    alice: Account, device: Device, project: Project, name: str
) -> None:
    fields = {"name": "Boiler", "lid": 0x5002, "project": project.slug, "sent_name": name}

    answer = api_client(alice).post(VARIABLES, fields, format="json")

    assert (answer.status_code, list(answer.json())) == (400, ["sent_name"])
