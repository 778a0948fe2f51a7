"""Secrets: hashed, or sealed."""

import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings

from server.core import credentials
from server.core.errors import Unavailable


def test_a_digest_is_sha_256_in_hex() -> None:
    assert credentials.digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_sealed_secret_does_not_show_the_secret() -> None:
    secret = b"0123456789abcdef0123456789abcdef"

    assert secret not in credentials.seal(secret)


def test_a_sealed_secret_comes_back() -> None:
    secret = bytes(range(32))

    assert credentials.unseal(credentials.seal(secret)) == secret


def test_a_secret_sealed_with_another_key_is_unavailable_and_not_garbage(settings: Settings) -> None:
    sealed = credentials.seal(b"secret")
    settings.SEAL_KEY = Fernet.generate_key().decode()

    with pytest.raises(Unavailable, match="SEAL_KEY"):
        credentials.unseal(sealed)


def test_a_former_key_still_opens_what_it_sealed(settings: Settings) -> None:
    sealed = credentials.seal(b"secret")
    settings.SEAL_KEY_FALLBACKS = [settings.SEAL_KEY]
    settings.SEAL_KEY = Fernet.generate_key().decode()

    assert credentials.unseal(sealed) == b"secret"


def test_what_is_sealed_again_needs_no_former_key(settings: Settings) -> None:
    sealed = credentials.seal(b"secret")
    settings.SEAL_KEY_FALLBACKS = [settings.SEAL_KEY]
    settings.SEAL_KEY = Fernet.generate_key().decode()

    again = credentials.reseal(sealed)

    settings.SEAL_KEY_FALLBACKS = []
    assert credentials.unseal(again) == b"secret"


def test_a_damaged_seal_is_unavailable() -> None:
    sealed = credentials.seal(b"secret")

    with pytest.raises(Unavailable):
        credentials.unseal(sealed[:-1])
