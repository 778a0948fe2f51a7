"""Subjects of mails: a name of somebody else is data in them."""

import pytest
from django.core import mail
from pytest_django import Settings

from server.core.mail.jobs import SendMail
from server.core.mail.sending import send_mail
from server.core.mail.subjects import name_in_subject


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Pump 2.5", "Pump 2.5"),
        ("d--0000-0000-0000-0d0b", "d--0000-0000-0000-0d0b"),
        ("Метео 東京", "Метео 東京"),
        ("Your account is locked: http://evil.example/unlock", "Your account is locked: …"),
        ("HTTPS://evil.example", "…"),
        ("go to evil.example/unlock now", "go to … now"),
        ("//evil.example", "…"),
        ("write to help@evil.example", "write to help@…"),
        ("a\r\nBcc: x", "a Bcc: x"),
        ("\u202egnp.exe", "…"),
        ("x" * 61, "x" * 59 + "…"),
    ],
)
def test_a_name_has_no_address_no_break_and_an_end(name: str, shown: str) -> None:
    assert name_in_subject(name) == shown


def test_every_subject_begins_with_the_name_of_the_product(settings: Settings) -> None:
    settings.SITE_NAME = "Meadow"
    context: dict[str, str | int] = {"device": "Locked: http://evil.example/unlock", "project": "P"}

    send_mail(SendMail(to=["a@example.com"], template="device/unclaimed", context=context))

    assert mail.outbox[-1].subject == "Meadow: Locked: … was unclaimed"
