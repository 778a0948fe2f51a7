"""The feed of changes and the state of long work, over REST. Every request commits: an open transaction hides its own changes."""

import base64
import uuid
from typing import Any, Final

import pytest
from pytest_django import Settings

from server.apps.accounts.models import Account, Operation, Org, OrgMembership, Role
from server.apps.accounts.services import add_member
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account
from server.core.queue import enqueue
from server.core.queue.jobs import Ping
from server.core.queue.models import Job, JobLog
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


def test_a_pid_tells_how_far_the_work_is(alice: Account, acme: Org) -> None:
    operation = Operation.objects.create(
        org=acme, kind="reset-device", target="d--1", created_by=alice, percent=40, message="Half of it"
    )

    response = api_client(alice).post("/api/v1/pid/", {"pid": str(operation.pk)}, format="json")

    assert response.status_code == 202
    info = response.json()["info"]
    assert set(info) == {"type", "created_on", "state", "percent", "message", "finished_on"}
    assert (info["type"], info["state"], info["percent"]) == ("reset-device", "scheduled", 40)


@pytest.mark.parametrize("pid", ["x", "0", str(uuid.UUID(int=1)), "é"])
def test_a_pid_of_others_is_as_one_that_is_none(acme: Org, charlie: Account, pid: str) -> None:
    operation = Operation.objects.create(org=acme, kind="reset-device", target="d--1")
    client = api_client(charlie)

    answers = [client.post("/api/v1/pid/", {"pid": each}, format="json") for each in (pid, str(operation.pk))]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert [answer.json()["info"] for answer in answers] == [{"error": "Not found"}] * 2


@pytest.fixture
def posted(settings: Settings) -> str:
    """The id of a job that waits."""
    settings.QUEUE_BACKEND = "postgres"
    return enqueue(Ping("hello"))


def asked(user: Account, pid: str, query: str = "") -> dict[str, Any]:
    response = api_client(user).post(f"/api/v1/pid/{query}", {"pid": pid}, format="json")
    assert response.status_code == 202
    info: dict[str, Any] = response.json()["info"]
    return info


def test_staff_may_ask_for_any_job(acme: Org, posted: str) -> None:
    root = make_account(username="root")
    root.is_staff = True
    root.save()

    waiting = asked(root, posted, "?staff=1")
    Job.objects.all().delete()
    JobLog.objects.create(
        message_id=posted,
        action="ping",
        arguments={},
        attempt=1,
        outcome="dead",
        detail="no use",
        duration_ms=1,
    )
    ended = asked(root, posted, "?staff=1")

    assert waiting == {"type": "ping", "state": "scheduled", "message": "", "finished_on": None}
    assert (ended["type"], ended["state"], ended["message"]) == ("ping", "failed", "no use")
    assert ended["finished_on"] is not None


def test_a_job_is_nothing_to_others_and_to_staff_that_does_not_ask_as_such(
    acme: Org, alice: Account, posted: str
) -> None:
    root = make_account(username="root")
    root.is_staff = True
    root.save()

    answers = [asked(alice, posted), asked(alice, posted, "?staff=1"), asked(root, posted)]

    assert answers == [{"error": "Not found"}] * 3


@pytest.mark.parametrize("pid", ["%", "é", "x" * 64])
def test_staff_that_ask_for_what_is_no_pid_find_nothing(acme: Org, posted: str, pid: str) -> None:
    root = make_account(username="root")
    root.is_staff = True
    root.save()

    assert asked(root, pid, "?staff=1") == {"error": "Not found"}


def test_half_a_character_is_no_pid(acme: Org, posted: str) -> None:
    root = make_account(username="root")
    root.is_staff = True
    root.save()

    response = api_client(root).post(
        "/api/v1/pid/?staff=1", '{"pid": "\\ud800"}', content_type="application/json"
    )

    assert response.status_code == 400


def test_operations_are_listed_by_target(acme: Org, alice: Account, charlie: Account) -> None:
    for target in ("d--1", "d--2", "d--2"):
        Operation.objects.create(org=acme, kind="reset-device", target=target)

    assert api_client(alice).get("/api/v1/operation/").json()["count"] == 3
    assert api_client(alice).get("/api/v1/operation/?target=d--2").json()["count"] == 2
    assert api_client(charlie).get("/api/v1/operation/").json()["count"] == 0
