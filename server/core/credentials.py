"""Secrets: hashed when they only need to be compared, sealed (encrypted) when the clear text is
needed again."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from server.core.errors import Unavailable

_USE_IS_RECORDED_EVERY: Final = timedelta(
    minutes=5
)  # not at each request: that would be a write for each read


def digest(secret: str) -> str:
    """Returns the SHA-256 in hex. Enough for secrets with 128 random bits or more, which cannot be
    guessed; never for passwords."""
    return hashlib.sha256(secret.encode()).hexdigest()


def seal(secret: bytes) -> bytes:
    return Fernet(settings.SEAL_KEY).encrypt(secret)


def unseal(sealed: bytes) -> bytes:
    """Raises Unavailable when SEAL_KEY is not the key that sealed it."""
    try:
        return Fernet(settings.SEAL_KEY).decrypt(sealed)
    except InvalidToken as error:
        raise Unavailable(
            "A sealed secret cannot be opened: SEAL_KEY is not the key that sealed it."
        ) from error


def record_use(row: QuerySet[Any], *, last_used_on: datetime | None) -> None:
    """Record that a credential was used. `row` is a query that matches the credential only;
    `last_used_on` is the value as read."""
    now = timezone.now()
    if last_used_on is None or now - last_used_on > _USE_IS_RECORDED_EVERY:
        row.update(last_used_on=now)
