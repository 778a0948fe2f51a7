"""The report vectors of docs/protocol/vectors/reports, and the keys of the devices in them."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from server.lib.formats import Keys, Row

FOLDER = Path(__file__).parents[4] / "docs" / "protocol" / "vectors" / "reports"
MANIFEST = json.loads((FOLDER / "manifest.json").read_text())

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class ExpectedEvent:
    lid: int
    reading_id: int
    raw_time: int
    given_us: int
    extra_data: dict[str, object]
    data: dict[str, object] | None


@dataclass(frozen=True)
class Vector:
    """`sent` and the ids are as the manifest has them; `given` is the UTC of readings that carry
    one."""

    id: str
    data: bytes
    file_name: str
    validity: str
    count: int
    device_id: int
    streamer_index: int
    sent: int
    report_id: int
    selector: int
    lowest_id: int
    highest_id: int
    signature: str
    is_dictionary: bool
    rows: list[Row]
    given: list[int | None]
    events: list[ExpectedEvent]


def microseconds(text: str) -> int:
    instant = datetime.fromisoformat(text)
    return (instant.replace(tzinfo=instant.tzinfo or UTC) - _EPOCH) // timedelta(microseconds=1)


def _vector(entry: dict[str, object]) -> Vector:
    fields: dict = entry  # type: ignore[type-arg]  # straight from JSON
    expected = fields["expected"]
    return Vector(
        id=fields["id"],
        data=(FOLDER / fields["file"]).read_bytes(),
        file_name=fields["upload_filename"],
        validity=expected["validity"],
        count=expected["count"],
        device_id=fields["device_id"],
        streamer_index=fields["streamer_id"],
        sent=fields["sent_timestamp"],
        report_id=fields["report_id"],
        selector=fields["selector"],
        lowest_id=fields["lowest_id"],
        highest_id=fields["highest_id"],
        signature=fields["signature"]["kind"],
        is_dictionary=fields["format"] == "dictionary",
        rows=[(lid, reading_id, raw, value) for lid, reading_id, raw, value in fields["readings"]],
        given=[microseconds(text) if rule == "given" else None for text, rule in fields.get("utc", [])],
        events=[_event(event) for event in fields.get("events", [])],
    )


def _event(fields: dict) -> ExpectedEvent:  # type: ignore[type-arg]  # straight from JSON
    lid = fields["stream"]
    return ExpectedEvent(
        lid=lid if isinstance(lid, int) else int(lid, 16),
        reading_id=fields["streamer_local_id"],
        raw_time=fields["device_timestamp"],
        given_us=microseconds(fields["timestamp"]),
        extra_data=fields["extra_data"],
        data=fields["data"],
    )


VECTORS = {entry["id"]: _vector(entry) for entry in MANIFEST["reports"]}

_KEYS = {
    device["device_id"]: Keys(
        user=bytes.fromhex(device["user_key"]), device=bytes.fromhex(device["device_key"])
    )
    for device in MANIFEST["devices"]
    if "user_key" in device
}


def manifest_keys(device_id: int) -> Keys:
    return _KEYS.get(device_id, Keys())


def no_keys(device_id: int) -> Keys:
    return Keys()


def vectors(*validities: str) -> list[Vector]:
    return [vector for vector in VECTORS.values() if vector.validity in validities]
