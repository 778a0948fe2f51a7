"""Secrets inside of JSON documents."""

from typing import Any

import pytest

from server.core.errors import Invalid
from server.core.sealed_documents import STARS, is_secret, mask_secrets, seal_document, unseal_document


@pytest.mark.parametrize(
    "key", ["api_key", "apikey", "apiKey", "API_KEY", "secret", "clientSecret", "mqtt-password", "x.token"]
)
def test_a_key_that_ends_with_a_word_for_a_secret_is_one(key: str) -> None:
    assert is_secret(key)


@pytest.mark.parametrize("key", ["key", "monkey", "api_key_id", "tokens", "breaktoken", "secretary", ""])
def test_other_keys_are_none(key: str) -> None:
    assert not is_secret(key)


@pytest.mark.parametrize("secret", ["hush", 42, ["a", "b"], {"a": 1}, True])
def test_whatever_is_secret_comes_back_as_it_was(secret: Any) -> None:
    kept = seal_document({"token": secret, "url": "https://x"})

    assert unseal_document(kept) == {"token": secret, "url": "https://x"}
    assert mask_secrets(kept) == {"token": STARS, "url": "https://x"}
    assert kept["url"] == "https://x"
    assert "hush" not in str(kept)


@pytest.mark.parametrize("empty", ["", None])
def test_nothing_is_no_secret(empty: str | None) -> None:
    assert mask_secrets(seal_document({"token": empty})) == {"token": empty}


def test_stars_in_a_list_do_not_take_the_secret_of_a_neighbour() -> None:
    before = seal_document({"rows": [{"token": "first"}, {"token": "second"}]})

    with pytest.raises(Invalid):
        seal_document({"rows": [{"token": STARS}]}, before)


def test_a_secret_is_not_kept_for_another_address() -> None:
    before = seal_document({"enabled": True, "api_url": "https://ours.example", "api_key": "hush"})

    with pytest.raises(Invalid):
        seal_document({"enabled": True, "api_url": "https://theirs.example", "api_key": STARS}, before)


def test_a_secret_is_kept_while_the_texts_beside_it_stay() -> None:
    before = seal_document({"enabled": True, "api_url": "https://ours.example", "api_key": "hush"})

    after = seal_document({"enabled": False, "api_url": "https://ours.example", "api_key": STARS}, before)

    assert unseal_document(after) == {"enabled": False, "api_url": "https://ours.example", "api_key": "hush"}
