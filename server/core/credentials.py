"""Secrets: hashed when they only prove who is there, sealed when they must come back."""

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
    """SHA-256 in hex. Enough for secrets of 128 random bits and more, which nobody can guess; never for passwords."""
    return hashlib.sha256(secret.encode()).hexdigest()


def seal(secret: bytes) -> bytes:
    return Fernet(settings.SEAL_KEY).encrypt(secret)


def unseal(sealed: bytes) -> bytes:
    """Raises Unavailable when the server's key is not the one that sealed it."""
    try:
        return Fernet(settings.SEAL_KEY).decrypt(sealed)
    except InvalidToken as error:
        raise Unavailable(
            "A sealed secret cannot be opened: SEAL_KEY is not the key that sealed it."
        ) from error


def record_use(row: QuerySet[Any], *, last_used_on: datetime | None) -> None:
    """`row`: a query that matches the credential alone; `last_used_on`: as it was read."""
    now = timezone.now()
    if last_used_on is None or now - last_used_on > _USE_IS_RECORDED_EVERY:
        row.update(last_used_on=now)
