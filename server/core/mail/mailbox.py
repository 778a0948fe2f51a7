"""Mails stored as files, where the installation sends none: written by Django's file backend, one
file per connection, with a line of dashes after each mail."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from itertools import islice
from pathlib import Path
from typing import Final

from django.conf import settings

FILE_BACKEND: Final = "django.core.mail.backends.filebased.EmailBackend"
_NAME: Final = re.compile(r"[\w-]{1,100}\.log")
_END: Final = b"\n" + b"-" * 79 + b"\n"
_MOST_BYTES: Final = 1024 * 1024  # of one file


@dataclass(frozen=True, slots=True)
class StoredMail:
    """`name` is the file and `place` (from 0) the position in it; `sent_on` is None when the mail
    has no valid date."""

    name: str
    place: int
    sent_on: datetime | None
    sender: str
    to: str
    subject: str
    text: str


def stores_mails() -> bool:
    return bool(settings.EMAIL_BACKEND == FILE_BACKEND)


def newest_mails(*, most: int) -> list[StoredMail]:
    """Returns the newest mails first, by the names of their files, which begin with the time."""
    return list(islice(_all_mails(), most))


def _all_mails() -> Iterator[StoredMail]:
    folder = _folder()
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    for name in sorted(filter(_NAME.fullmatch, names), reverse=True):
        yield from reversed(_mails_in(name))


def stored_mail(name: str, place: int) -> StoredMail | None:
    mails = _mails_in(name) if _NAME.fullmatch(name) else []
    return mails[place] if 0 <= place < len(mails) else None


def _folder() -> Path:
    return Path(getattr(settings, "EMAIL_FILE_PATH", ""))  # only the settings that store mails have it


def _mails_in(name: str) -> list[StoredMail]:
    """Returns nothing for a file that was deleted meanwhile."""
    try:
        with (_folder() / name).open("rb") as file:
            parts = file.read(_MOST_BYTES).split(_END)
    except FileNotFoundError:
        return []
    return [_mail(name, place, part) for place, part in enumerate(parts) if part.strip()]


def _mail(name: str, place: int, raw: bytes) -> StoredMail:
    message = message_from_bytes(raw, policy=policy.default)
    return StoredMail(
        name=name,
        place=place,
        sent_on=_date(message),
        sender=str(message["From"] or ""),
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        text=_text(message),
    )


def _date(message: EmailMessage) -> datetime | None:
    try:
        sent = parsedate_to_datetime(str(message["Date"]))
    except ValueError:
        return None
    return sent if sent.tzinfo else sent.replace(tzinfo=UTC)  # "-0000" is UTC from an unknown place


def _text(message: EmailMessage) -> str:
    body = message.get_body(preferencelist=("plain", "html"))
    if body is None:
        return ""
    try:
        return str(body.get_content())
    except LookupError:  # an unknown character set
        raw = body.get_payload(decode=True)
        return raw.decode(errors="replace") if isinstance(raw, bytes) else ""
