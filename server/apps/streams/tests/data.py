"""Requests for data as clients send them, and their responses."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from django.test import Client

from server.apps.accounts.models import Account
from server.apps.accounts.services.signing import issue_jwt
from server.apps.devices.models import Device
from server.apps.streams.tests.readings import IO_1, Given, store_readings

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse  # a type that django-stubs made up

Answer: TypeAlias = "_MonkeyPatchedWSGIResponse"
Get: TypeAlias = Callable[[str], Answer]

START: Final = datetime(2021, 3, 1, 11, 23, 15, tzinfo=UTC)


def getter(user: Account) -> Get:
    """Return Django's own client: DRF's drops what follows a second question mark."""
    client, headers = Client(), {"Authorization": f"JWT {issue_jwt(user=user)}"}
    return lambda url: client.get(url, headers=headers)


def body(response: Answer) -> dict[str, Any]:
    shown: dict[str, Any] = response.json()
    return shown


def ids(response: Answer) -> list[int]:
    assert response.status_code == 200, response.content
    return [row["streamer_local_id"] for row in body(response)["results"]]


def store(device: Device, count: int, *, lid: int = IO_1, first_id: int = 1, every_s: int = 60) -> None:
    """Store `count` readings, one a minute from START on, with ids from `first_id` and the id as
    raw word."""
    given = [
        Given(first_id + n, START + timedelta(seconds=every_s * n), first_id + n, lid) for n in range(count)
    ]
    store_readings(device, given, received=START)


def sender(user: Account) -> Callable[..., Answer]:
    """Return `send(method, url, body)`, which sends a JSON body."""
    client, headers = Client(), {"Authorization": f"JWT {issue_jwt(user=user)}"}

    def send(method: str, url: str, body: object) -> Answer:
        return client.generic(
            method, url, json.dumps(body).encode(), content_type="application/json", headers=headers
        )

    return send


def text(response: Answer) -> str:
    """Return the text of a response that may be streamed."""
    assert response.status_code == 200, response.status_code
    return raw(response).decode()


def raw(response: Answer) -> bytes:
    parts: Iterable[bytes] = getattr(response, "streaming_content", None) or [response.content]
    return b"".join(parts)
