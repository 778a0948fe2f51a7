"""A POST with an Idempotency-Key is done once, however often it is sent."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from server.apps.accounts.models import Account, Org, OrgApiKey, OrgMembership, Role, permissions_of
from server.apps.accounts.tests.clients import api_client
from server.apps.devices.models import Device
from server.apps.ingest.models import RefusedUpload, StreamerReport
from server.apps.ingest.tests.uploads import REPORTS, as_person, form, post, signed_list
from server.core import credentials
from server.core.rest import jobs
from server.core.rest.idempotency import LONGEST_KEY, clean_idempotent_answers
from server.core.rest.models import IdempotentAnswer
from worker.actions.core.clean_idempotent_answers import CleanIdempotentAnswers

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


def upload(device: Device, who: dict[str, str], *, key: str, ids: tuple[int, ...] = (1, 2, 3)) -> Any:
    return post(form(signed_list(device, ids)), {**who, "Idempotency-Key": key})


def test_a_repeated_request_gets_the_first_answer_and_changes_nothing(bob: Account, device: Device) -> None:
    who = as_person(bob)

    first = upload(device, who, key="a")
    second = upload(device, who, key="a")

    assert (first.status_code, first.json()) == (second.status_code, second.json()) == (201, {"count": 3})
    assert second.headers["Content-Type"] == first.headers["Content-Type"]
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert StreamerReport.objects.count() == 1


def test_another_key_is_another_request(bob: Account, device: Device) -> None:
    who = as_person(bob)

    upload(device, who, key="a")
    upload(device, who, key="b")

    assert StreamerReport.objects.count() == 2


def test_the_same_key_with_another_body_is_refused(bob: Account, device: Device) -> None:
    who = as_person(bob)
    upload(device, who, key="a")

    answer = upload(device, who, key="a", ids=(4, 5))

    assert answer.status_code == 422
    assert list(answer.json()) == ["detail"]
    assert StreamerReport.objects.count() == 1


def test_the_boundary_of_a_form_may_change(bob: Account, device: Device) -> None:
    who = {**as_person(bob), "Idempotency-Key": "a"}
    body = form(signed_list(device))
    post(body, who)

    answer = Client().post(
        f"{REPORTS}?timestamp=2021-03-01T11:23:15Z",
        body.replace(b"a-line-that-no-report-has", b"another-line"),
        content_type="multipart/form-data; boundary=another-line",
        headers=who,
    )

    assert answer.headers["Idempotent-Replayed"] == "true"


def test_a_key_is_its_owner_s_alone(alice: Account, bob: Account, device: Device) -> None:
    upload(device, as_person(bob), key="a")

    answer = upload(device, as_person(alice), key="a")

    assert "Idempotent-Replayed" not in answer.headers
    assert StreamerReport.objects.count() == 2


def test_an_error_is_not_kept_but_what_it_recorded_is(bob: Account, device: Device) -> None:
    who = {**as_person(bob), "Idempotency-Key": "a"}
    broken = form(signed_list(device)[:-1])

    answers = [post(broken, who), post(broken, who)]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert "Idempotent-Replayed" not in answers[1].headers
    assert RefusedUpload.objects.count() == 2
    assert not IdempotentAnswer.objects.exists()


def test_after_a_day_the_key_is_free_again(bob: Account, device: Device) -> None:
    who = as_person(bob)
    upload(device, who, key="a")
    IdempotentAnswer.objects.update(created_on=timezone.now() - timedelta(hours=25))

    answer = upload(device, who, key="a", ids=(4, 5))

    assert answer.json() == {"count": 2}
    assert StreamerReport.objects.count() == 2


def test_old_answers_are_forgotten_and_young_ones_stay(bob: Account, device: Device) -> None:
    who = as_person(bob)
    upload(device, who, key="old")
    IdempotentAnswer.objects.update(created_on=timezone.now() - timedelta(hours=25))
    upload(device, who, key="young")

    CleanIdempotentAnswers().execute(jobs.CleanIdempotentAnswers())

    assert IdempotentAnswer.objects.count() == 1
    assert clean_idempotent_answers() == 0


def test_nobody_gets_a_kept_answer_with_a_credential_that_was_revoked(bob: Account, device: Device) -> None:
    token = as_person(bob)
    upload(device, token, key="a")
    Account.objects.filter(pk=bob.pk).update(credentials_version=2)

    answer = upload(device, token, key="a")

    assert answer.status_code == 401


@pytest.mark.parametrize("key", ["", "x" * (LONGEST_KEY + 1), "tab\there", "caf\xe9"])
def test_a_key_that_is_none_is_refused(bob: Account, device: Device, key: str) -> None:
    answer = upload(device, as_person(bob), key=key)

    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["detail"]


def test_a_body_that_is_too_large_is_refused(bob: Account, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10

    answer = post(form(b"x" * 100), {**as_person(bob), "Idempotency-Key": "a"})

    assert answer.status_code == 413


def test_signing_in_is_never_kept(bob: Account) -> None:
    body = {"email": bob.email, "password": "correct horse battery"}
    key = {"Idempotency-Key": "a"}

    answers = [
        Client().post("/api/v1/auth/login/", body, content_type="application/json", headers=key)
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert not IdempotentAnswer.objects.exists()


def test_what_is_kept_cannot_be_read_in_the_database(bob: Account, device: Device) -> None:
    upload(device, as_person(bob), key="a")

    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM core_idempotentanswer")
        (body,) = cursor.fetchone()
    assert b"count" not in bytes(body)


def test_an_answer_without_a_body_comes_again_without_one(bob: Account, device: Device) -> None:
    who = as_person(bob)
    upload(device, who, key="a")
    IdempotentAnswer.objects.update(status=204, content_type="", body=credentials.seal(b""))

    answer = upload(device, who, key="a")

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers.get("Content-Type") is None


def test_an_answer_with_a_secret_is_not_kept_and_the_work_is_done_once(alice: Account, acme: Org) -> None:
    who = {**as_person(alice), "Idempotency-Key": "a"}
    body = {"name": "Line 1", "scopes": ["catalogue"]}

    answers = [
        Client().post("/api/v1/org/acme/apikeys/", body, content_type="application/json", headers=who)
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [201, 409]
    assert answers[0].json()["key"] not in answers[1].content.decode()
    assert bytes(IdempotentAnswer.objects.get().body) == b""
    assert OrgApiKey.objects.count() == 1


def test_whoever_was_removed_gets_no_secret_again(bob: Account, alice: Account, acme: Org) -> None:
    who = {**as_person(bob), "Idempotency-Key": "a"}
    OrgMembership.objects.filter(user=bob).update(role=Role.ADMIN, permissions=permissions_of(Role.ADMIN))
    body = {"name": "Line 1", "scopes": ["catalogue"]}
    url = "/api/v1/org/acme/apikeys/"
    made = Client().post(url, body, content_type="application/json", headers=who)

    api_client(alice).delete("/api/v1/org/acme/members/bob/")
    again = Client().post(url, body, content_type="application/json", headers=who)

    assert made.status_code == 201
    assert made.json()["key"] not in again.content.decode()
