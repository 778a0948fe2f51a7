"""The secrets of an embedded stack, made at the first start, and the environment variables of its
programs."""

import base64
import json
import secrets
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from stack.errors import StackError
from stack.home import Home, write_private
from stack.ports import HOST


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
    """Returns the secrets, made when there is no file. Raises StackError for a damaged file, which
    is never replaced: without its secrets the data cannot be opened."""
    if not path.exists():
        made = make_secrets()
        write_private(path, json.dumps(asdict(made), indent=2) + "\n")
        return made
    try:
        stored = json.loads(path.read_text())
        if {"postgres", "seal_key"} <= stored.keys() and "postgres_admin" not in stored:
            raise StackError(
                f"{path.parent} was made by a version before 0.1.0, which this one cannot open: keep that version for it, "
                "or remove the folder to start without data"
            )
        return Secrets(**stored)
    except (ValueError, TypeError, AttributeError) as error:
        raise StackError(f"{path} cannot be read ({error}): restore it from a backup") from error


CORE_DATABASE = "fieldline"
STREAM_DATABASE = "fieldline_streamdata"
DATABASES = (CORE_DATABASE, STREAM_DATABASE)
USER = "fieldline"


QUEUES = ("postgres", "sqs")


def build_environment(
    home: Home, ports: Mapping[str, int], secrets: Secrets, *, queue: str = "postgres"
) -> dict[str, str]:
    postgres = f"postgres://{USER}:{secrets.postgres}@{HOST}:{ports['postgres']}"
    return {
        "DJANGO_SETTINGS_MODULE": "server.config.settings.embedded",
        "FIELDLINE_VAR": str(home.var),
        "SECRET_KEY": secrets.secret_key,
        "SEAL_KEY": secrets.seal_key,
        "DATABASE_DEFAULT_URL": f"{postgres}/{CORE_DATABASE}",
        "DATABASE_STREAMDATA_URL": f"{postgres}/{STREAM_DATABASE}",
        "CACHE_URL": f"redis://:{secrets.redis}@{HOST}:{ports['redis']}/0",
        "NATS_URL": f"nats://{USER}:{secrets.nats}@{HOST}:{ports['nats']}",
        "MQTT_PORT": str(ports["mqtt"]),
        "WEB_PORT": str(ports["web"]),
        "LIVE_PORT": str(ports["live"]),
        "METRICS_PORT": str(ports["metrics"]),
        "OBJECTS_DIR": str(home.var / "objects"),
        "MAIL_DIR": str(home.var / "mail"),
        "STATIC_DIR": str(home.var / "static"),
        "QUEUE_BACKEND": queue,
        **(_sqs(ports["sqs"]) if queue == "sqs" else {}),
    }


def _sqs(port: int) -> dict[str, str]:
    """ElasticMQ needs no keys, but boto3 does; a developer's own must not be used here."""
    return {
        "SQS_URL": f"http://{HOST}:{port}",
        "AWS_ACCESS_KEY_ID": "fieldline",
        "AWS_SECRET_ACCESS_KEY": "fieldline",
    }


def environment_file(home: Home) -> Path:
    return home.var / "embedded.env"


def write_environment(path: Path, values: Mapping[str, str]) -> None:
    """Write one `NAME=value` a line, quoted so that a shell can source the file."""
    lines = [f"{name}={shlex.quote(value)}" for name, value in values.items()]
    write_private(path, "\n".join(["# Written at every start; changes are lost.", *lines]) + "\n")


def read_environment(path: Path) -> dict[str, str]:
    values = {}
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        name, equals, quoted = line.partition("=")
        try:
            words = shlex.split(quoted)
        except ValueError as error:
            raise StackError(f"{path}, line {number}: {error}") from error
        if not equals or len(words) > 1:
            raise StackError(f"{path}, line {number}: not NAME=value")
        values[name] = words[0] if words else ""
    return values
