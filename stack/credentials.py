"""Secrets of one embedded stack: made at its first start, kept in `var/secrets.json`, never changed after."""

import base64
import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from stack.errors import StackError
from stack.home import write_private


@dataclass(frozen=True)
class Secrets:
    secret_key: str
    seal_key: str  # a Fernet key: URL-safe base64 of 32 bytes
    postgres: str  # of the role that the programs use, which owns the databases and nothing else
    postgres_admin: str  # of the superuser, which the stack alone uses
    redis: str
    nats: str


def make_secrets() -> Secrets:
    # URL-safe, because the passwords are parts of URLs.
    return Secrets(
        secret_key=secrets.token_urlsafe(48),
        seal_key=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        postgres=secrets.token_urlsafe(24),
        postgres_admin=secrets.token_urlsafe(24),
        redis=secrets.token_urlsafe(24),
        nats=secrets.token_urlsafe(24),
    )


def load_or_make_secrets(path: Path) -> Secrets:
    """Data without its secrets cannot be opened, so a damaged file is reported and never replaced."""
    if not path.exists():
        made = make_secrets()
        _write(path, made)
        return made
    try:
        stored = json.loads(path.read_text())
        known = Secrets(**{**stored, **_new_since(stored)})
    except (ValueError, TypeError) as error:
        raise StackError(f"{path} cannot be read ({error}): bring it back from a backup") from error
    if asdict(known) != stored:
        _write(path, known)
    return known


def _new_since(stored: dict[str, str]) -> dict[str, str]:
    """Secrets that the version which wrote the file did not know yet."""
    return {} if "postgres_admin" in stored else {"postgres_admin": make_secrets().postgres_admin}


def _write(path: Path, known: Secrets) -> None:
    write_private(path, json.dumps(asdict(known), indent=2) + "\n")
