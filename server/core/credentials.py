"""Secrets: hashed when they only prove who is there, sealed when they must come back."""

import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from server.core.errors import Unavailable


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
