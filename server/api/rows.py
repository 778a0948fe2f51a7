"""Rows of data as JSON text, without serializers: these would cost many times the fetch
(docs/hotpaths.md). Rows contain only numbers, slugs and codes, which need no escaping."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import numpy as np

from server.apps.streams.selectors.aggregates import Aggregate
from server.apps.streams.selectors.readings import DataStream
from server.apps.streams.selectors.selections import EventRecord, Kind, Reading
from server.lib.slugs import BlockSlug, DeviceSlug, ProjectSlug, StreamSlug, VariableSlug
from server.lib.tables import in_output_units, iso_seconds, json_numbers, microseconds, timestamps_of
from server.lib.timeseries import TimeStatus
from server.lib.units import display_value

_TYPES: Final = tuple(kind.code for kind in Kind)
_STATUSES: Final = tuple(status.code for status in TimeStatus)
_DIRTY: Final = tuple("true" if status is TimeStatus.DRT else "false" for status in TimeStatus)


class NeighborPages(NamedTuple):
    """The URLs of the pages beside this one."""

    next: str | None
    previous: str | None


def page(rows: Sequence[str], *, count: int | None, neighbor_pages: NeighborPages) -> bytes:
    """Returns the body of a page; `count` is None for pages by cursor."""
    links = f'"next":{json.dumps(neighbor_pages.next)},"previous":{json.dumps(neighbor_pages.previous)}'
    return f'{{"count":{_json_integer(count)},{links},"results":[{",".join(rows)}]}}'.encode()


def stream_rows(stream: DataStream, readings: Sequence[Reading]) -> list[str]:
    """Returns rows with the fields of StreamRow, in its order."""
    places = stream.decimal_places
    values = [reading.value for reading in readings]
    output_values = in_output_units(stream.output, values)
    columns = zip(
        readings,
        iso_seconds(timestamps_of(readings)),
        json_numbers(values),
        output_values,
        json_numbers(output_values),
        strict=True,
    )
    return [
        f'{{"type":"{_TYPES[kind]}","timestamp":"{at}Z","int_value":{_json_integer(int_value)},"value":{value}'
        f',"display_value":"{display_value(output, places)}","output_value":{output_value}'
        f',"streamer_local_id":{reading_id}}}'
        for (_, _, reading_id, _, int_value, _, _, kind), at, value, output, output_value in columns
    ]


def data_rows(streams: Sequence[DataStream], readings: Sequence[Reading]) -> list[str]:
    """Returns rows with the fields of DataRow, in its order. `id` is in hex: stream key,
    microseconds since 1970, reading id."""
    slugs = {
        stream.key: ",".join(f'"{name}":"{slug}"' for name, slug in parts_of(stream).items())
        for stream in streams
    }
    moments = timestamps_of(readings)
    values = json_numbers([reading.value for reading in readings])
    columns = zip(readings, microseconds(moments), iso_seconds(moments), values, strict=True)
    return [
        f'{{"id":"{key:x}-{us:x}-{reading_id:x}",{slugs[key]},"type":"{_TYPES[kind]}"'
        f',"device_timestamp":{_json_integer(raw_time)},"timestamp":"{at}Z","int_value":{_json_integer(int_value)}'
        f',"value":{value},"streamer_local_id":{reading_id},"dirty_ts":{_DIRTY[status]},"status":"{_STATUSES[status]}"}}'
        for (key, _, reading_id, raw_time, int_value, _, status, kind), us, at, value in columns
    ]


def parts_of(stream: DataStream) -> dict[str, str]:
    """Returns the slugs in a stream's slug. In an archive the project is empty and the archive
    takes the place of the device."""
    parts = StreamSlug.parse(stream.slug)
    archive = parts.block != 0
    return {
        "stream": stream.slug,
        "project": "" if archive else str(ProjectSlug(parts.project)),
        "device": str(BlockSlug(parts.device, parts.block) if archive else DeviceSlug(parts.device)),
        "variable": stream.variable or str(VariableSlug(parts.project, parts.variable)),
    }


def event_row(stream: DataStream, event: EventRecord) -> dict[str, Any]:
    """Returns a row with the fields of EventOutput, in its order."""
    key = event.object_key
    return {
        "id": str(event.uuid),
        **parts_of(stream),
        "s3bucket": None,
        "s3key": None,
        "ext": None
        if not event.has_data
        else "json.gz"
        if key is not None and key.endswith(".gz")
        else "json",
        "has_raw_data": event.has_data,
        "device_timestamp": event.raw_time,
        "timestamp": f"{event.ts.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z",
        "streamer_local_id": event.reading_id,
        "dirty_ts": event.status == TimeStatus.DRT,
        "status": _STATUSES[event.status],
        "extra_data": event.extra_data,
    }


def table_cells(stream: DataStream, readings: Sequence[Reading]) -> list[list[str]]:
    """Returns plain text: time, reading id, raw word, value, value in the output unit."""
    values = [reading.value for reading in readings]
    columns = zip(
        readings,
        iso_seconds(timestamps_of(readings)),
        values,
        in_output_units(stream.output, values),
        strict=True,
    )
    return [
        [
            f"{at}Z",
            str(reading.reading_id),
            "" if reading.int_value is None else str(reading.int_value),
            "" if value is None else repr(value),
            f"{display_value(output, stream.decimal_places)} {stream.unit}".strip(),
        ]
        for reading, at, value, output in columns
    ]


def event_cells(events: Sequence[EventRecord]) -> list[list[str]]:
    """Returns plain text: time, reading id, summary, whether there is a large part."""
    return [
        [
            f"{event.ts.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z",
            str(event.reading_id),
            json.dumps(event.extra_data),
            "yes" if event.has_data else "no",
        ]
        for event in events
    ]


def aggregates(stream: DataStream, found: Aggregate, *, named: bool) -> bytes:
    """Returns an AggregateOutput; `named`: the values are in the stream's output unit."""
    edges = _utc_texts(found.edges)
    columns = [
        list(map(str, values)) if name == "count" else json_numbers(list(values))
        for name, values in found.values.items()
    ]
    form = '{"start":"%s","end":"%s",' + ",".join(f'"{name}":%s' for name in found.values) + "}"
    starts = [edges[place] for place in found.places]
    ends = [edges[place + 1] for place in found.places]
    results = [form % row for row in zip(starts, ends, *columns, strict=True)]
    about = f'"stream":"{stream.slug}","unit":{json.dumps(stream.unit if named else "")}'
    return f'{{{about},"results":[{",".join(results)}]}}'.encode()


def _utc_texts(times: Sequence[datetime]) -> list[str]:
    """Returns texts of times in UTC, with fractions of a second only if there are any."""
    if any(time.microsecond for time in times):
        return [f"{time.isoformat()[:-6]}Z" for time in times]
    whole = np.array([time.timestamp() for time in times], dtype=np.float64).astype("datetime64[s]")
    texts: list[str] = np.datetime_as_string(whole, timezone="UTC").tolist()
    return texts


def _json_integer(value: int | None) -> int | str:
    return "null" if value is None else value
