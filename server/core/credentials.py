"""Secrets: hashed when they only need to be compared, sealed (encrypted) when the clear text is
needed again."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
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
    return _sealer().encrypt(secret)


def unseal(sealed: bytes) -> bytes:
    """Raises Unavailable when neither SEAL_KEY nor one of its fallbacks sealed it."""
    with _known_keys():
        return _sealer().decrypt(sealed)


def reseal(sealed: bytes) -> bytes:
    """Returns the same secret, sealed with SEAL_KEY. Raises Unavailable as `unseal`."""
    with _known_keys():
        return _sealer().rotate(sealed)


def _sealer() -> MultiFernet:
    return _sealer_of(settings.SEAL_KEY, *settings.SEAL_KEY_FALLBACKS)


@lru_cache(maxsize=8)
def _sealer_of(*keys: str) -> MultiFernet:
    """It seals with the first key, and opens what any of them sealed."""
    return MultiFernet([Fernet(key) for key in keys])


@contextmanager
def _known_keys() -> Iterator[None]:
    try:
        yield
    except InvalidToken as error:
        raise Unavailable(
            "A sealed secret cannot be opened: neither SEAL_KEY nor one of SEAL_KEY_FALLBACKS sealed it."
        ) from error


def record_use(row: QuerySet[Any], *, last_used_on: datetime | None) -> None:
    """Record that a credential was used. `row` is a query that matches the credential only;
    `last_used_on` is the value as read."""
    now = timezone.now()
    if last_used_on is None or now - last_used_on > _USE_IS_RECORDED_EVERY:
        row.update(last_used_on=now)
