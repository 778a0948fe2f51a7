"""Requests as boards send them."""

import json
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from django.test import Client

from server.apps.devices.models import Device, DeviceKey
from server.apps.devices.services.keys import issue_upload_key
from server.apps.streams.tests.data import Answer

IN: Final = "/api/v1/in/"
Send: TypeAlias = Callable[..., Answer]


def board(device: Device) -> Send:
    """Return `send(body, query, …)`: a JSON body, or bytes with their content type."""
    key = issue_upload_key(device=device, by=None)
    client = Client(raise_request_exception=False)

    def send(body: Any, query: str = "", *, content_type: str = "", **headers: str) -> Answer:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return client.generic(
            "POST",
            f"{IN}{query}",
            data,
            content_type=content_type or "application/json",
            headers={"Authorization": f"Device-Key {key}", **headers},
        )

    return send


def address_of(device: Device) -> tuple[str, str]:
    """Return the address of the device's new key, and the key."""
    key = issue_upload_key(device=device, by=None)
    valid = DeviceKey.objects.get(device=device, kind=DeviceKey.Kind.UPLOAD, revoked_on=None)
    return f"{IN}{valid.pk}/", key
