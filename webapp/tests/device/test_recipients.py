"""Addresses outside an organisation get mails about its devices once they have confirmed, and until
they unsubscribe."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from server.apps.accounts.models import Account
from server.apps.devices.models import Device, HealthState, OutsideRecipient
from server.apps.devices.services.health import change_health
from server.apps.devices.services.health_checks import check_device_health
from server.core.errors import TooMany
from server.core.queue.tests.waiting import run_waiting_jobs

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]
DUTY = "duty@example.org"
LABEL = "Your account is locked: http://evil.example/unlock"


def watch(device: Device, by: Account, *addresses: str) -> None:
    recipients = [f"email:{address}" for address in addresses or (DUTY,)]
    change_health(device=device, by=by, enabled=True, recipients=recipients)
    run_waiting_jobs()


def fall_silent(device: Device) -> None:
    mail.outbox.clear()
    Device.objects.filter(pk=device.pk).update(
        last_report_on=timezone.now() - timedelta(days=1), last_known_state=HealthState.OK
    )
    check_device_health(now=timezone.now())
    run_waiting_jobs()


def link_in(body: object) -> str:
    found = re.search(r"http://testserver(/recipient/\S+)", str(body))
    assert found is not None
    return found[1]


def confirm() -> None:
    Client().post(link_in(mail.outbox[-1].body))


def test_an_address_outside_gets_a_question_and_nothing_else(device: Device, alice: Account) -> None:
    Device.objects.filter(pk=device.pk).update(label=LABEL)
    watch(device, alice)
    asked = [(message.to, message.subject) for message in mail.outbox]
    fall_silent(device)

    assert asked == [([DUTY], "Fieldline: confirm mails about devices of Acme")]
    assert mail.outbox == []


def test_who_confirms_gets_mails_with_a_link_to_end_them(
    device: Device, alice: Account, client: Client
) -> None:
    Device.objects.filter(pk=device.pk).update(label=LABEL)
    watch(device, alice)
    confirm()
    fall_silent(device)
    (silent,) = mail.outbox
    asked = client.get(link_in(silent.body)).content.decode()
    answer = client.post(link_in(silent.body))
    fall_silent(device)

    assert silent.subject == "Fieldline: Your account is locked: … is silent"
    assert link_in(silent.body) in silent.extra_headers["List-Unsubscribe"]
    assert "Unsubscribe" in asked
    assert "You are unsubscribed" in answer.content.decode()
    assert mail.outbox == []


def test_opening_a_link_changes_nothing(device: Device, alice: Account, client: Client) -> None:
    watch(device, alice)

    page = client.get(link_in(mail.outbox[-1].body))

    assert "Confirm the address" in page.content.decode()
    assert OutsideRecipient.objects.get().confirmed_on is None


def test_an_address_is_asked_once(device: Device, alice: Account) -> None:
    for _ in range(3):
        watch(device, alice)
    confirm()
    watch(device, alice)

    assert len(mail.outbox) == 1


def test_who_unsubscribed_is_not_asked_again(device: Device, alice: Account) -> None:
    watch(device, alice)
    OutsideRecipient.objects.update(
        unsubscribed_on=timezone.now(), asked_on=timezone.now() - timedelta(days=99)
    )

    watch(device, alice)

    assert len(mail.outbox) == 1


def test_an_expired_question_is_asked_again(device: Device, alice: Account) -> None:
    watch(device, alice)
    OutsideRecipient.objects.update(asked_on=timezone.now() - timedelta(days=15))

    watch(device, alice)

    assert len(mail.outbox) == 2


def test_members_need_no_question(device: Device, alice: Account, bob: Account) -> None:
    watch(device, alice, "BOB@example.com")
    fall_silent(device)

    assert [message.to for message in mail.outbox] == [["bob@example.com"]]
    assert "List-Unsubscribe" not in mail.outbox[0].extra_headers


def test_the_page_shows_who_has_not_confirmed(device: Device, alice: Account, client: Client) -> None:
    client.force_login(alice)
    watch(device, alice)
    before = client.get(f"/device/{device.slug}/?tab=health").content.decode()
    confirm()
    after = client.get(f"/device/{device.slug}/?tab=health").content.decode()

    assert "not confirmed yet" in before
    assert "not confirmed yet" not in after


def test_an_organisation_asks_so_many_strangers_an_hour(device: Device, alice: Account) -> None:
    for batch in range(2):
        watch(device, alice, *(f"s{batch}-{number}@example.org" for number in range(50)))

    with pytest.raises(TooMany):
        watch(device, alice, "one-more@example.org")
    assert len(mail.outbox) == 100


@pytest.mark.parametrize("path", ["/recipient/x/", "/recipient/x/unsubscribe/", "/recipient/a:b:c/"])
def test_a_link_that_was_never_sent_is_over(client: Client, db: None, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_link_to_confirm_does_not_unsubscribe(device: Device, alice: Account, client: Client) -> None:
    watch(device, alice)

    assert client.post(f"{link_in(mail.outbox[-1].body)}unsubscribe/").status_code == 404
