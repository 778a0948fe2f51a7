"""Events as clients send and read them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.streams.models import StreamId
from server.apps.streams.tests.data import Answer, Get, getter, sender

Send = Callable[[str, str, object], Answer]
AT = datetime(2021, 3, 1, 11, 23, 15, tzinfo=UTC)
EVENT = "/api/v1/event/"


def kept() -> set[str]:
    """Names of the large parts on the object store."""
    try:
        return set(default_storage.listdir("events/posted")[1])
    except FileNotFoundError:
        return set()


@pytest.fixture
def get(alice: Account) -> Get:
    return getter(alice)


@pytest.fixture
def send(alice: Account) -> Send:
    return sender(alice)


@pytest.fixture
def stream(device: Device) -> StreamId:
    return StreamId.objects.select_related("variable").get(device=device)


def event(stream: StreamId, minute: int = 0, **fields: Any) -> dict[str, Any]:
    return {
        "stream": stream.slug,
        "timestamp": (AT + timedelta(minutes=minute)).isoformat(),
        "streamer_local_id": minute,
        "extra_data": {"n": minute},
        **fields,
    }
