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
    postgres: str
    redis: str
    nats: str


def make_secrets() -> Secrets:
    # URL-safe, because the passwords are parts of URLs.
    return Secrets(
        secret_key=secrets.token_urlsafe(48),
        seal_key=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        postgres=secrets.token_urlsafe(24),
        redis=secrets.token_urlsafe(24),
        nats=secrets.token_urlsafe(24),
    )


def load_or_make_secrets(path: Path) -> Secrets:
    """Data without its secrets cannot be opened, so a damaged file is reported and never replaced."""
    if not path.exists():
        made = make_secrets()
        write_private(path, json.dumps(asdict(made), indent=2) + "\n")
        return made
    try:
        return Secrets(**json.loads(path.read_text()))
    except (ValueError, TypeError) as error:
        raise StackError(f"{path} cannot be read ({error}): bring it back from a backup") from error
