"""The feed of changes over REST. Every request commits: an open transaction hides its own
changes."""

import base64
from typing import Any, Final

import pytest

from server.apps.accounts.models import Account, Org, OrgMembership, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account
from server.core.tests.committed import committed as committed

pytestmark = pytest.mark.integration
CHANGES = "/api/v1/changes/"


def feed(user: Account, **query: Any) -> dict[str, Any]:
    response = api_client(user).get(CHANGES, {"org": "acme", **query})
    assert response.status_code == 200, response.json()
    answer: dict[str, Any] = response.json()
    return answer


def test_a_reader_gets_each_change_once_in_order(alice: Account, acme: Org) -> None:
    client = api_client(alice)
    for about in ("one", "two", "three"):
        client.patch("/api/v1/org/acme/", {"about": about}, format="json")

    first = feed(alice, limit=2)
    second = feed(alice, limit=2, cursor=first["cursor"])
    third = feed(alice, limit=2, cursor=second["cursor"])

    assert [row["event"] for row in first["results"]] == ["create-org", "change-org"]
    assert [row["event"] for row in second["results"]] == ["change-org", "change-org"]
    assert (first["more"], second["more"]) == (True, False)
    assert third == {"results": [], "cursor": second["cursor"], "more": False}


def test_a_cursor_goes_on_with_what_comes_later(alice: Account, acme: Org) -> None:
    cursor = feed(alice)["cursor"]

    api_client(alice).patch("/api/v1/org/acme/", {"about": "later"}, format="json")

    assert [row["event"] for row in feed(alice, cursor=cursor)["results"]] == ["change-org"]


def written(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


NO_CURSORS: Final = (
    *("x", "é", "\0", "===="),
    *(
        written(text)
        for text in ("1", "1:2:3", "-1:2", "a:b", "٣:1", f"{2**63}:1", "9" * 19 + ":1", "9" * 60 + ":1")
    ),
)


@pytest.mark.parametrize("cursor", NO_CURSORS)
def test_what_is_no_cursor_is_named(alice: Account, acme: Org, cursor: str) -> None:
    response = api_client(alice).get(CHANGES, {"org": "acme", "cursor": cursor})

    assert response.status_code == 400
    assert list(response.json()) == ["cursor"]


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "x", "9" * 30])
def test_a_limit_that_is_none_is_named(alice: Account, acme: Org, limit: str) -> None:
    response = api_client(alice).get(CHANGES, {"org": "acme", "limit": limit})

    assert response.status_code == 400
    assert list(response.json()) == ["limit"]


def test_another_organisation_is_as_one_that_does_not_exist(charlie: Account, acme: Org) -> None:
    foreign = api_client(charlie).get(CHANGES, {"org": "acme"})
    absent = api_client(charlie).get(CHANGES, {"org": "acne"})

    assert foreign.status_code == absent.status_code == 400
    assert foreign.json() == {"org": ["There is no acme."]}
    assert absent.json() == {"org": ["There is no acne."]}


def test_details_of_rights_are_for_those_who_manage_people(alice: Account, acme: Org) -> None:
    bob = make_account(username="bob")
    add_member(org=acme, user=bob, role=Role.OPERATOR)
    body = {"email": "secret@example.com", "role": "m1"}
    api_client(alice).post("/api/v1/org/acme/invite/", body, format="json")

    seen_by_bob = feed(bob)["results"][-1]
    seen_by_alice = feed(alice)["results"][-1]

    assert seen_by_alice["details"]["email"] == "secret@example.com"
    assert (seen_by_bob["kind"], seen_by_bob["verb"]) == ("invitation", "created")
    assert (seen_by_bob["event"], seen_by_bob["by"], seen_by_bob["details"]) == ("", None, {})


def test_who_may_not_read_streams_reads_no_feed(acme: Org, alice: Account, bob: Account) -> None:
    membership = OrgMembership.objects.get(user=bob)
    membership.permissions["can_read_stream_ids"] = False
    membership.save()

    assert api_client(bob).get(CHANGES, {"org": "acme"}).status_code == 403
