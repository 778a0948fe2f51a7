"""Dictionary reports as maps, read in both forms."""

import json
from collections.abc import Callable
from typing import cast

import msgpack
import pytest

from server.lib.formats import (
    FormatError,
    Report,
    decode,
)
from server.lib.formats.tests.vectors import no_keys

Map = dict[str, object]
Read = Callable[[Map], Report]


def packed(contents: object) -> bytes:
    return cast(bytes, msgpack.packb(contents))


@pytest.fixture(params=["json", "mp"])
def read(request: pytest.FixtureRequest) -> Read:
    extension: str = request.param
    write = {"json": lambda contents: json.dumps(contents).encode(), "mp": packed}[extension]
    return lambda contents: decode(write(contents), f"report.{extension}", no_keys)


def a_report(**changes: object) -> Map:
    report: Map = {
        "format": "v100",
        "device": 10,
        "streamer_index": 256,
        "streamer_selector": 65535,
        "device_sent_timestamp": 50,
        "incremental_id": 4,
        "lowest_id": 1,
        "highest_id": 3,
        "events": [],
        "data": [],
    }
    return report | changes


def a_reading(**changes: object) -> Map:
    reading: Map = {
        "stream": 0x5001,
        "streamer_local_id": 1,
        "device_timestamp": 5,
        "timestamp": "2020-01-01T00:00:00",
        "value": 7,
    }
    return reading | changes


def an_event(**changes: object) -> Map:
    event: Map = {
        "stream": 0x5020,
        "streamer_local_id": 2,
        "device_timestamp": 100,
        "timestamp": "2020-01-01T00:00:00Z",
        "extra_data": {"axis": "y"},
        "data": {"x": [1.5, 2.5]},
    }
    return event | changes


def without(source: Map, key: str) -> Map:
    return {name: value for name, value in source.items() if name != key}


def refused(read: Read, contents: Map) -> tuple[str, str | None]:
    with pytest.raises(FormatError) as caught:
        read(contents)
    return caught.value.reason, caught.value.field
