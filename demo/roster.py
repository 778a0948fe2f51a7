"""The list of demo devices, which `manage.py demo-data` writes."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.sensors import KINDS, Kind
from server.lib.slugs import DeviceSlug, SlugError


class RosterError(Exception):
    """The list of devices cannot be read."""


@dataclass(frozen=True, slots=True)
class DeviceSpec:
    """One device and its credentials.

    With a `user_key` (32 bytes) its reports are signed and encrypted; with a `read_token` it may
    read its own data.
    """

    slug: DeviceSlug
    kind: Kind
    upload_key: str
    user_key: bytes | None = None
    read_token: str | None = None
    goes_silent: bool = False

    @property
    def seed(self) -> int:
        """Makes the values of this device differ from others of its kind."""
        return self.slug.number


def read_roster(path: Path) -> list[DeviceSpec]:
    """Raises RosterError."""
    try:
        return [_spec(entry) for entry in json.loads(path.read_text())["devices"]]
    except FileNotFoundError as error:
        raise RosterError(f"{path} is missing: manage.py demo-data makes it") from error
    except (OSError, ValueError, KeyError, TypeError, SlugError) as error:
        raise RosterError(f"{path} cannot be read ({error!r})") from error


def _spec(entry: dict[str, Any]) -> DeviceSpec:
    user_key = entry["user_key"]
    return DeviceSpec(
        slug=DeviceSlug.parse(entry["slug"]),
        kind=KINDS[entry["kind"]],
        upload_key=str(entry["upload_key"]),
        user_key=None if user_key is None else bytes.fromhex(user_key),
        read_token=entry["read_token"],
        goes_silent=bool(entry["goes_silent"]),
    )
