"""Who I am and which organisations I am in, over REST."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from server.apps.accounts.models import Account, Org
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account, make_org

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


def test_an_account_sees_itself_only(alice: Account, bob: Account) -> None:
    response = api_client(bob).get("/api/v1/account/")

    assert response.json()["count"] == 1
    assert [account["slug"] for account in response.json()["results"]] == ["bob"]


def test_an_organisation_has_the_fields_of_the_original_cloud(alice: Account, acme: Org) -> None:
    org = api_client(alice).get("/api/v1/org/acme/").json()

    assert set(org) == {
        *("id", "name", "slug", "ot", "about", "created_on", "created_by", "avatar", "domain_names")
    }
    assert org["created_by"] == "alice"


def test_a_member_sees_the_organisation_and_a_stranger_does_not(bob: Account, charlie: Account) -> None:
    assert [org["slug"] for org in api_client(bob).get("/api/v1/org/").json()["results"]] == ["acme"]
    assert [org["slug"] for org in api_client(charlie).get("/api/v1/org/").json()["results"]] == ["elsewhere"]


@pytest.mark.parametrize("slug", ["acme", "no-such", "a" * 5000, "a%00b", "%F0%9F%92%A7", "..%2f.."])
def test_what_is_not_ones_own_is_not_there(charlie: Account, acme: Org, slug: str) -> None:
    response = api_client(charlie).get(f"/api/v1/org/{slug}/")

    assert response.status_code == 404
    assert response.json() == {"detail": "Not found."}


def test_a_list_takes_the_same_number_of_queries_for_any_length(
    alice: Account, acme: Org, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        make_org(name=f"Another {number}", owner=alice)
    client = api_client(alice)
    client.get("/api/v1/org/")

    with django_assert_num_queries(4):  # who asks, how many, the page, its domains
        response = client.get("/api/v1/org/")

    assert response.json()["count"] == 6


def test_pages_have_the_envelope_that_clients_read(alice: Account, acme: Org) -> None:
    for number in range(4):
        make_org(name=f"Another {number}", owner=alice)

    page = api_client(alice).get("/api/v1/org/?page_size=2&page=2").json()

    assert page["count"] == 5
    assert page["next"] == "http://testserver/api/v1/org/?page=3&page_size=2"
    assert page["previous"] == "http://testserver/api/v1/org/?page_size=2"
    assert [org["name"] for org in page["results"]] == ["Another 1", "Another 2"]


@pytest.mark.parametrize("page", ["2", "0", "-1", "x", "9" * 5000, "1e9", "%00"])
def test_a_page_that_is_not_there_is_404(alice: Account, acme: Org, page: str) -> None:
    response = api_client(alice).get(f"/api/v1/org/?page={page}")

    assert response.status_code == 404
    assert response.json() == {"detail": "Invalid page."}


@pytest.mark.parametrize("size", ["0", "-1", "x", "1.5", "%00"])
def test_a_page_size_that_is_none_is_named(alice: Account, acme: Org, size: str) -> None:
    response = api_client(alice).get(f"/api/v1/org/?page_size={size}")

    assert response.status_code == 400
    assert list(response.json()) == ["page_size"]


@pytest.mark.parametrize("size", ["1001", "9" * 5000])
def test_a_larger_page_size_is_cut_without_a_word(alice: Account, acme: Org, size: str) -> None:
    assert api_client(alice).get(f"/api/v1/org/?page_size={size}").status_code == 200


def test_a_bare_question_mark_changes_nothing(alice: Account, acme: Org) -> None:
    assert api_client(alice).get("/api/v1/org/?").json()["count"] == 1


@pytest.mark.parametrize("accept", ["*/*", "application/json, text/plain, */*", None])
def test_the_answer_is_json_whatever_is_accepted(alice: Account, accept: str | None) -> None:
    headers = {} if accept is None else {"Accept": accept}

    response = api_client(alice).get("/api/v1/account/", headers=headers)

    assert response.headers["Content-Type"] == "application/json"


def test_a_get_without_the_slash_is_sent_to_the_path_with_it(alice: Account) -> None:
    response = api_client(alice).get("/api/v1/account?page_size=1")

    assert response.status_code == 301
    assert response.headers["Location"] == "/api/v1/account/?page_size=1"


@pytest.mark.parametrize("path", ["", "nothing/", "account/alice/nothing/", "%00/"])
def test_a_path_that_is_not_there_is_json_too(db: None, path: str) -> None:
    response = Client().get(f"/api/v1/{path}")

    assert response.status_code == 404
    assert response.json() == {"detail": "Not found."}


def test_a_search_finds_a_part_of_the_name(alice: Account, acme: Org) -> None:
    make_org(name="Northern Water", owner=alice)

    found = api_client(alice).get("/api/v1/org/?search=ern%20wa").json()

    assert [org["slug"] for org in found["results"]] == ["northern-water"]


def test_whoever_makes_an_organisation_owns_it(charlie: Account) -> None:
    response = api_client(charlie).post(
        "/api/v1/org/", {"name": "New Water", "about": "Wells"}, format="json"
    )

    assert response.status_code == 201
    assert response.json()["slug"] == "new-water"
    own = api_client(charlie).get("/api/v1/org/new-water/membership/").json()
    assert own["role"] == "a0"
    assert own["user_details"]["email"] == charlie.email
    assert own["permissions"]["can_delete_org"] is True


def test_a_name_that_is_taken_is_400(charlie: Account, acme: Org) -> None:
    response = api_client(charlie).post("/api/v1/org/", {"name": "Acme"}, format="json")

    assert response.status_code == 400
    assert list(response.json()) == ["name"]


def test_what_was_read_can_be_put_back(alice: Account, acme: Org) -> None:
    client = api_client(alice)
    org = client.get("/api/v1/org/acme/").json()

    response = client.put("/api/v1/org/acme/", {**org, "about": "Pumps"}, format="json")

    assert response.status_code == 200
    assert response.json() == {**org, "about": "Pumps"}


def test_a_new_name_leaves_the_slug_as_it_is(alice: Account, acme: Org) -> None:
    response = api_client(alice).patch("/api/v1/org/acme/", {"name": "Acme Ltd"}, format="json")

    assert response.json()["name"] == "Acme Ltd"
    assert response.json()["slug"] == "acme"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "!!"}, "name"),
        ({"name": "x" * 51}, "name"),
        ({"name": "a\u0000b"}, "name"),
        ({"name": ["a"]}, "name"),
        ({"ot": "no-such-template"}, "ot"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_is_named(alice: Account, acme: Org, body: dict[str, object], field: str) -> None:
    response = api_client(alice).patch("/api/v1/org/acme/", body, format="json")

    assert response.status_code == 400
    assert list(response.json()) == [field]


def test_a_template_is_chosen_by_its_slug(alice: Account, acme: Org) -> None:
    response = api_client(alice).patch("/api/v1/org/acme/", {"ot": "default-v1-0-0"}, format="json")

    assert response.json()["ot"] == "default-v1-0-0"
    extra = api_client(alice).get("/api/v1/org/acme/extra/").json()
    assert extra["ot"] == api_client(alice).get("/api/v1/ot/default-v1-0-0/").json()


def test_a_member_does_not_change_the_organisation(bob: Account) -> None:
    assert api_client(bob).patch("/api/v1/org/acme/", {"about": "x"}, format="json").status_code == 403


def test_an_owner_does_not_delete_the_organisation(alice: Account, acme: Org) -> None:
    assert api_client(alice).delete("/api/v1/org/acme/?staff=1").status_code == 403


def test_staff_delete_an_organisation_only_when_they_ask_as_such(acme: Org) -> None:
    staff = api_client(make_account(is_staff=True))

    without = staff.delete("/api/v1/org/acme/").status_code
    asked = staff.delete("/api/v1/org/acme/?staff=1").status_code

    assert (without, asked) == (403, 204)
    assert not Org.objects.filter(slug="acme").exists()


def test_staff_see_all_organisations_when_they_ask_as_such(acme: Org) -> None:
    staff = api_client(make_account(is_staff=True))

    assert staff.get("/api/v1/org/").json()["count"] == 0
    assert staff.get("/api/v1/org/?staff=1").json()["count"] == 1
    assert staff.get("/api/v1/org/acme/").status_code == 404
    assert staff.get("/api/v1/org/acme/?staff=1").status_code == 200


def test_the_word_staff_means_nothing_from_anybody_else(charlie: Account, acme: Org) -> None:
    assert api_client(charlie).get("/api/v1/org/acme/?staff=1").status_code == 404


def test_anyone_can_read_the_servers_clock(db: None) -> None:
    response = APIClient().get("/api/v1/server/", HTTP_AUTHORIZATION="JWT long.gone.now")

    assert response.status_code == 200
    assert set(response.json()) == {"now", "stage", "name", "company"}
    assert response.json()["now"].endswith("Z")


def test_organisations_are_named_in_any_script(alice: Account) -> None:
    client = api_client(alice)

    made = [
        client.post("/api/v1/org/", {"name": name}, format="json") for name in ("Метео", "東京 1", "大阪 1")
    ]

    assert [answer.status_code for answer in made] == [201] * 3
    slugs = [answer.json()["slug"] for answer in made]
    assert [client.get(f"/api/v1/org/{slug}/").status_code for slug in slugs] == [200] * 3
