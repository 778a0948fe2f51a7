"""Mails that people cause are limited by the address they go to and by the organisation, whichever
face sends them."""

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from server.apps.accounts.models import Account, Invitation, Org, Role
from server.apps.accounts.services.invitations import invite, resend_invitation
from server.apps.accounts.tests.clients import api_client
from server.core.errors import TooMany
from server.core.mail.limits import KEEP, clean_caused_mails
from server.core.mail.models import CausedMail
from server.core.queue.tests.waiting import run_waiting_jobs

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]
INVITE = "/api/v1/org/acme/invite/"
MESSAGE = "/api/v1/org/acme/message/"


def invite_by_rest(by: Account, email: str = "dora@example.com", *, org: str = "acme") -> int:
    return api_client(by).post(f"/api/v1/org/{org}/invite/", {"email": email}, format="json").status_code


def test_one_address_gets_five_mails_an_hour_whoever_sends_them(
    alice: Account, acme: Org, charlie: Account
) -> None:
    codes = [invite_by_rest(alice, " Dora@example.com") for _ in range(3)]
    codes += [invite_by_rest(charlie, "dora@EXAMPLE.com", org="elsewhere") for _ in range(3)]
    run_waiting_jobs()

    assert codes == [201] * 5 + [429]
    assert len(mail.outbox) == 5
    assert invite_by_rest(alice, "emil@example.com") == 201


def test_sending_an_invitation_again_counts(alice: Account, acme: Org) -> None:
    sent = invite(org=acme, email="dora@example.com", role=Role.MEMBER, by=alice)
    for _ in range(4):
        resend_invitation(invitation=sent, by=alice)

    with pytest.raises(TooMany):
        resend_invitation(invitation=sent, by=alice)


def test_the_page_has_the_same_limit(client: Client, alice: Account, acme: Org) -> None:
    client.force_login(alice)
    for _ in range(5):
        client.post("/org/acme/members/", {"email": "dora@example.com", "role": "m1"})

    answer = client.post("/org/acme/members/", {"email": "dora@example.com", "role": "m1"})
    again = client.post(f"/org/acme/invitation/{Invitation.objects.get().pk}/resend/", follow=True)
    run_waiting_jobs()

    assert answer.status_code == 400
    assert "Too many mails were sent to this address" in answer.content.decode()
    assert "Too many mails were sent to this address" in again.content.decode()
    assert len(mail.outbox) == 5


def test_an_organisation_invites_so_many_people_an_hour(
    alice: Account, acme: Org, settings: Settings
) -> None:
    settings.MAILS_OF_ORG_AN_HOUR = {**settings.MAILS_OF_ORG_AN_HOUR, "invitation": 2}

    codes = [invite_by_rest(alice, f"{name}@example.com") for name in ("a", "b", "c")]

    assert codes == [201, 201, 429]


def test_a_refused_mail_says_when_to_try_again(alice: Account, acme: Org, settings: Settings) -> None:
    settings.MAILS_OF_ORG_AN_HOUR = {**settings.MAILS_OF_ORG_AN_HOUR, "message": 0}

    answer = api_client(alice).post(MESSAGE, {"subject": "Hello", "message": "You."}, format="json")
    run_waiting_jobs()

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
    assert mail.outbox == []


def test_what_was_refused_for_another_reason_does_not_count(alice: Account, bob: Account) -> None:
    codes = [invite_by_rest(alice, bob.email) for _ in range(6)]

    assert codes == [400] * 6
    assert not CausedMail.objects.exists()


def test_counts_older_than_a_day_are_deleted(alice: Account, acme: Org) -> None:
    invite_by_rest(alice)
    newest = CausedMail.objects.get()

    clean_caused_mails(now=newest.at + KEEP)
    kept = CausedMail.objects.count()
    clean_caused_mails(now=newest.at + 2 * KEEP)

    assert (kept, CausedMail.objects.count()) == (1, 0)
