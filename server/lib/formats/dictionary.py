"""The dictionary report: one map, as JSON or MessagePack (report formats, part 6).

    {format: "v100", device, streamer_index, streamer_selector, incremental_id, lowest_id,
    highest_id,
     device_sent_timestamp,
     data:   [{stream, streamer_local_id, device_timestamp, timestamp, value}, ...],
     events: [{stream, streamer_local_id, device_timestamp, timestamp, extra_data, data}, ...]}

It has no signature. Keys that are not listed here are ignored. Both forms are first reduced to
plain values (json_form, msgpack_form), so everything below applies to both.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from server.lib.formats import fields, json_form, msgpack_form
from server.lib.formats.errors import FormatError
from server.lib.formats.fields import Map, required_field, whole_number
from server.lib.formats.header import NO_TIME, NOT_GIVEN, Event, Flaw, Header, KeySource, SignatureKind
from server.lib.formats.instants import format_instant
from server.lib.formats.report import READING, Report, as_word, rows_of
from server.lib.instants import EARLIEST_US, LATEST_US

FORMAT_NAME = "dictionary"
TAG = "v100"

MAX_EVENTS = 50_000  # a worker stores them in seconds; 16 MB hold 200,000

_DEVICE_MAX = 2**48 - 1  # three groups of a device slug
_INDEX_MAX = 2**16 - 1  # the last group of a streamer slug; virtual streamers lie above 255
_SELECTOR_MAX = 2**17 - 1  # 10000 hex stands for virtual devices
_LOWEST_VALUE = -(2**31)

_SENT_UNKNOWN = (0, NO_TIME)


class _Reading(NamedTuple):
    lid: int
    reading_id: int
    raw_time: int | None
    given_us: int | None
    value: int
    flaw: Flaw = Flaw.NONE


@dataclass(frozen=True, slots=True)
class _Contents:
    header: Header
    readings: list[_Reading]
    events: list[Event]


def inspect_json(data: bytes, _keys: KeySource) -> Header:
    return _contents(json_form.load(data)).header


def inspect_msgpack(data: bytes, _keys: KeySource) -> Header:
    return _contents(msgpack_form.load(data)).header


def decode_json(data: bytes, _keys: KeySource) -> Report:
    return _report(_contents(json_form.load(data)))


def decode_msgpack(data: bytes, _keys: KeySource) -> Report:
    return _report(_contents(msgpack_form.load(data)))


def encode_json(report: Report) -> bytes:
    """Return the report as JSON, without what only a signed list has (signature, reserved bits)."""
    return json_form.dump(_as_map(report))


def encode_msgpack(report: Report) -> bytes:
    """Return the report as MessagePack; see encode_json()."""
    return msgpack_form.dump(_as_map(report))


def _contents(source: object) -> _Contents:
    """Check everything. Raises FormatError with the field that is wrong."""
    if not isinstance(source, dict):
        raise FormatError("not-a-map", "The file does not hold one map", offset=0)
    tag = required_field(source, "format")
    if tag != TAG:
        raise FormatError("unknown-tag", f"The only known format tag is {TAG}", field="format")
    readings = [_reading(item, f"data[{i}]") for i, item in enumerate(fields.items(source, "data"))]
    items = fields.items(source, "events")
    if len(items) > MAX_EVENTS:
        message = f"A report has at most {MAX_EVENTS} events, and this one has {len(items)}: send them in several reports"
        raise FormatError("too-many-events", message, field="events")
    events = [_event(item, f"events[{i}]") for i, item in enumerate(items)]
    return _Contents(_header(source, [r.flaw for r in readings] + [e.flaw for e in events]), readings, events)


def _header(source: Map, flaws: Sequence[Flaw]) -> Header:
    sent_s = _required(source, "device_sent_timestamp", fields.WORD_MAX)
    report_id = source.get("incremental_id")
    return Header(
        format=FORMAT_NAME,
        device_id=_required(source, "device", _DEVICE_MAX),
        report_id=0 if report_id is None else whole_number(report_id, "incremental_id", fields.WORD_MAX),
        sent_s=None if sent_s in _SENT_UNKNOWN else sent_s,
        streamer_index=_required(source, "streamer_index", _INDEX_MAX),
        selector=_required(source, "streamer_selector", _SELECTOR_MAX),
        lowest_id=_required(source, "lowest_id", fields.WORD_MAX),
        highest_id=_required(source, "highest_id", fields.WORD_MAX),
        signature=SignatureKind.NONE,
        count=len(flaws),
        flaws={flaw: n for flaw, n in Counter(flaws).items() if flaw is not Flaw.NONE},
    )


def _required(source: Map, key: str, highest: int) -> int:
    return whole_number(required_field(source, key), key, highest)


def _reading(item: object, where: str) -> _Reading:
    source, where = fields.checked_map(item, where), where + "."
    value = required_field(source, "value", where)
    given_us = fields.instant(source.get("timestamp"), where + "timestamp")
    return _Reading(
        lid=fields.lid(required_field(source, "stream", where), where + "stream"),
        reading_id=_reading_id(source, where),
        raw_time=fields.raw_time(source.get("device_timestamp"), where + "device_timestamp"),
        given_us=given_us,
        value=0
        if value is None
        else as_word(whole_number(value, where + "value", fields.WORD_MAX, _LOWEST_VALUE)),
        flaw=Flaw.NO_VALUE if value is None else _flaw_of_time(given_us),
    )


def _flaw_of_time(given_us: int | None) -> Flaw:
    is_good = given_us is None or EARLIEST_US <= given_us <= LATEST_US
    return Flaw.NONE if is_good else Flaw.BAD_TIME


def _event(item: object, where: str) -> Event:
    source, where = fields.checked_map(item, where), where + "."
    given_us = fields.instant(source.get("timestamp"), where + "timestamp")
    return Event(
        lid=fields.lid(required_field(source, "stream", where), where + "stream"),
        reading_id=_reading_id(source, where),
        raw_time=fields.raw_time(source.get("device_timestamp"), where + "device_timestamp"),
        given_us=given_us,
        extra_data=fields.payload(source.get("extra_data"), where + "extra_data") or {},
        data=fields.payload(source.get("data"), where + "data"),
        flaw=_flaw_of_time(given_us),
    )


def _reading_id(source: Map, where: str) -> int:
    return whole_number(
        required_field(source, "streamer_local_id", where), where + "streamer_local_id", fields.WORD_MAX
    )


def _report(contents: _Contents) -> Report:
    items = contents.readings
    readings = np.zeros(len(items), READING)
    readings["lid"] = [item.lid for item in items]
    readings["reading_id"] = [item.reading_id for item in items]
    readings["raw_time"] = [NO_TIME if item.raw_time is None else item.raw_time for item in items]
    readings["value"] = [item.value for item in items]
    readings.flags.writeable = False
    given_us = np.array([NOT_GIVEN if i.given_us is None else i.given_us for i in items], np.int64)
    given_us.flags.writeable = False
    return Report(contents.header, readings, given_us, tuple(contents.events), _flaws_of(items))


def _flaws_of(items: Sequence[_Reading]) -> NDArray[np.uint8] | None:
    flaws = np.array([item.flaw for item in items], dtype=np.uint8)
    flaws.flags.writeable = False
    return flaws if flaws.any() else None


def _as_map(report: Report) -> Map:
    header = report.header
    return {
        "format": TAG,
        "device": header.device_id,
        "streamer_index": header.streamer_index,
        "streamer_selector": header.selector,
        "incremental_id": header.report_id,
        "lowest_id": header.lowest_id,
        "highest_id": header.highest_id,
        "device_sent_timestamp": NO_TIME if header.sent_s is None else header.sent_s,
        "events": [_event_map(event) for event in report.events],
        "data": _reading_maps(report),
    }


def _event_map(event: Event) -> Map:
    return {
        "stream": event.lid,
        "device_timestamp": event.raw_time,
        "streamer_local_id": event.reading_id,
        "timestamp": None if event.given_us is None else format_instant(event.given_us),
        "extra_data": event.extra_data,
        "data": event.data,
    }


def _reading_maps(report: Report) -> list[Map]:
    given: Sequence[int] = [NOT_GIVEN] * len(report.readings)
    if report.given_us is not None:
        given = report.given_us.tolist()
    flaws: Sequence[int] = [Flaw.NONE] * len(report.readings)
    if report.flaws is not None:
        flaws = report.flaws.tolist()
    return [
        {
            "stream": lid,
            "device_timestamp": None if raw_time == NO_TIME else raw_time,
            "streamer_local_id": reading_id,
            "timestamp": None if given_us == NOT_GIVEN else format_instant(given_us),
            "value": None if flaw == Flaw.NO_VALUE else value,
        }
        for (lid, reading_id, raw_time, value), given_us, flaw in zip(
            rows_of(report.readings), given, flaws, strict=True
        )
    ]
