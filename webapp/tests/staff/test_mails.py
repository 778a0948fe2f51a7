"""Mails that an installation keeps as files, for its staff."""

from pathlib import Path

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.test import Client
from pytest_django import Settings

from server.core.mail import mailbox
from server.core.mail.mailbox import FILE_BACKEND, newest_mails, stored_mail

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = FILE_BACKEND, str(tmp_path / "mail")
    return tmp_path / "mail"


def send(*subjects: str, body: str = "Hello,\nthis is it.") -> None:
    """Send mails over one connection."""
    made = [EmailMessage(subject, body, "us@example.com", ["dora@example.com"]) for subject in subjects]
    get_connection().send_messages(made)


def test_mails_are_listed_and_read(as_staff: Client) -> None:
    send("Grüße & more", body="Look: https://example.com/?a=1&b=2 <script>")

    listed = as_staff.get("/staff/mail/").content.decode()
    [mail] = newest_mails(most=9)
    read = as_staff.get(f"/staff/mail/{mail.name}/0/").content.decode()

    assert "Grüße &amp; more" in listed
    assert "dora@example.com" in listed
    assert "&lt;script&gt;" in read
    assert '<a href="https://example.com/?a=1&amp;b=2"' in read


def test_the_newest_comes_first(folder: Path) -> None:
    send("the first", "the second")
    [file] = folder.iterdir()
    file.rename(folder / "20200101-000000-1.log")
    send("the third")

    assert [mail.subject for mail in newest_mails(most=9)] == ["the third", "the second", "the first"]
    assert [mail.subject for mail in newest_mails(most=2)] == ["the third", "the second"]


def test_no_mail_yet_is_no_error(as_staff: Client) -> None:
    assert "No mails yet" in as_staff.get("/staff/mail/").content.decode()


def test_the_text_of_a_mail_with_two_bodies_is_shown() -> None:
    mail = EmailMultiAlternatives("Two", "the plain one", "us@example.com", ["dora@example.com"])
    mail.attach_alternative("<p>the other</p>", "text/html")
    mail.send()

    assert newest_mails(most=1)[0].text.strip() == "the plain one"


@pytest.mark.parametrize(
    "name", ["..", "..%2F..%2Fsecrets.json", "secrets.json", "%2Fetc%2Fpasswd", "a.log", "a%00.log"]
)
def test_no_other_file_is_read(as_staff: Client, folder: Path, name: str) -> None:
    folder.mkdir()
    (folder / "secrets.json").write_text("Subject: a\n\nsecret")
    (folder.parent / "secrets.json").write_text("Subject: a\n\nsecret")

    assert as_staff.get(f"/staff/mail/{name}/0/").status_code == 404


def test_a_mail_after_the_last_is_not_there(as_staff: Client) -> None:
    send("only one")
    [mail] = newest_mails(most=1)

    assert as_staff.get(f"/staff/mail/{mail.name}/1/").status_code == 404
    assert stored_mail(mail.name, -1) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"Date: yesterday\nSubject: =?utf-9?q?x?=\nContent-Type: text/plain; charset=nonsense\n\nx\xff",
        b"Content-Type: multipart/mixed; boundary=x\n\nno parts",
        b"Content-Type: image/png\nContent-Transfer-Encoding: base64\n\n!!!",
        b"From: \xff\nTo: <<<\n\n",
    ],
)
def test_a_damaged_file_breaks_no_page(as_staff: Client, folder: Path, raw: bytes) -> None:
    folder.mkdir()
    (folder / "20260101-000000-1.log").write_bytes(raw)

    assert as_staff.get("/staff/mail/").status_code == 200
    assert as_staff.get("/staff/mail/20260101-000000-1.log/0/").status_code in {200, 404}


def test_an_installation_that_sends_its_mails_shows_none(as_staff: Client, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    assert not mailbox.stores_mails()
    assert as_staff.get("/staff/mail/").status_code == 404
    assert "/staff/mail/" not in as_staff.get("/staff/").content.decode()
