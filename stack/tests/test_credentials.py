import base64
import stat
from pathlib import Path

import pytest

from stack.credentials import load_or_make_secrets, make_secrets
from stack.errors import StackError


def test_secrets_stay_the_same_from_start_to_start(tmp_path: Path) -> None:
    first = load_or_make_secrets(tmp_path / "secrets.json")

    second = load_or_make_secrets(tmp_path / "secrets.json")

    assert first == second


def test_two_stacks_have_different_secrets() -> None:
    assert not set(vars(make_secrets()).values()) & set(vars(make_secrets()).values())


def test_the_seal_key_is_32_bytes() -> None:
    assert len(base64.urlsafe_b64decode(make_secrets().seal_key)) == 32


def test_secrets_are_for_their_owner_only(tmp_path: Path) -> None:
    load_or_make_secrets(tmp_path / "secrets.json")

    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"secret_key": "x"}'])
def test_damaged_secrets_are_reported_and_kept(tmp_path: Path, text: str) -> None:
    file = tmp_path / "secrets.json"
    file.write_text(text)

    with pytest.raises(StackError, match=r"secrets\.json cannot be read"):
        load_or_make_secrets(file)

    assert file.read_text() == text
