"""The same request twice at the same moment, as an impatient client sends it."""

import pytest

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest.models import StreamerReport
from server.apps.ingest.tests.uploads import as_person, form, post, signed_list
from server.core.tests.committed import at_once, committed

__all__ = ["committed"]

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


def test_twins_are_done_once_and_get_the_same_answer(bob: Account, device: Device) -> None:
    who = {**as_person(bob), "Idempotency-Key": "a"}
    body = form(signed_list(device))

    answers = at_once(*[lambda: post(body, who)] * 3)

    assert [(answer.status_code, answer.json()) for answer in answers] == [(201, {"count": 3})] * 3
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 2
    assert StreamerReport.objects.count() == 1


def test_twins_of_a_refused_request_are_each_refused(bob: Account, device: Device) -> None:
    who = {**as_person(bob), "Idempotency-Key": "a"}
    body = form(signed_list(device)[:-1])

    answers = at_once(*[lambda: post(body, who)] * 2)

    assert [answer.status_code for answer in answers] == [400, 400]
