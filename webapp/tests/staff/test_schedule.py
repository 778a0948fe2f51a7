"""The pages on which staff post a job. For what the form accepts see
server/config/tests/test_posting_by_hand.py."""

import pytest
from django.test import Client
from structlog.testing import capture_logs

from server.core.queue import Message
from server.core.queue.models import JobLog
from server.core.queue.watching.descriptions import action_descriptions
from webapp.tests.staff.workers import memory_queue

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

SCHEDULE = "/staff/worker/schedule/"


def posted() -> list[Message]:
    deliveries = memory_queue().receive(most=9, wait_seconds=0, visible_after_seconds=60)
    return [delivery.message for delivery in deliveries if delivery.message is not None]


def test_the_form_of_every_action_can_be_shown(as_staff: Client) -> None:
    listed = as_staff.get(SCHEDULE).content.decode()

    for name in action_descriptions():
        answer = as_staff.get(SCHEDULE, {"action": name})
        assert f'href="?action={name}"' in listed
        assert answer.status_code == 200
        assert action_descriptions()[name].about.partition("\n")[0][:20] != ""


def test_a_job_is_posted_and_shown(as_staff: Client) -> None:
    with capture_logs() as logs:
        answer = as_staff.post(f"{SCHEDULE}?action=sweep-outbox", follow=True)

    [message] = posted()
    assert message.action == "sweep-outbox"
    assert answer.redirect_chain == [(f"/staff/worker/job/{message.id}/", 302)]
    assert f"pid:{message.id}" in answer.content.decode()
    assert [(line["act"], line["by"], line["job"]) for line in logs if line["event"] == "staff act"] == [
        ("schedule", "sara", message.id)
    ]


def test_a_delay_is_kept(as_staff: Client) -> None:
    as_staff.post(f"{SCHEDULE}?action=sweep-outbox", {"delay_seconds": "60"})

    assert posted() == []
    assert memory_queue().depth().waiting == 1


@pytest.mark.parametrize("typed", ["", "delete project", "move-device"])
def test_what_can_do_harm_asks_for_its_name(as_staff: Client, typed: str) -> None:
    body = {"argument-pid": "", "argument-project": "p", "confirmation": typed}

    answer = as_staff.post(f"{SCHEDULE}?action=delete-project", body)

    assert answer.status_code == 400
    assert posted() == []
    assert not JobLog.objects.exists()


def test_an_unknown_action_is_not_found(as_staff: Client) -> None:
    assert as_staff.get(SCHEDULE, {"action": "no-such"}).status_code == 404
    assert as_staff.post(f"{SCHEDULE}?action=no-such").status_code == 404
