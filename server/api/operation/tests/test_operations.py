"""The state of long work, and of any job for staff, over REST."""

import uuid
from typing import Any

import pytest
from pytest_django import Settings

from server.apps.accounts.models import Account, Org
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account
from server.apps.activity.models import Operation
from server.core.queue import enqueue
from server.core.queue.jobs import Ping
from server.core.queue.models import Job, JobLog
from server.core.tests.committed import committed as committed

pytestmark = pytest.mark.integration


def test_a_pid_returns_the_progress_of_its_operation(alice: Account, acme: Org) -> None:
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
