"""Rows of data as JSON, written by hand: a serializer for each row would cost many times the fetch (docs/hotpaths.md).

Only numbers, slugs and codes come in here, so nothing needs escaping but the addresses of the neighbouring pages.
"""

import json
from collections.abc import Sequence
from math import isfinite
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from server.apps.streams.selectors import DataStream
from server.apps.streams.store import Kind, Reading
from server.lib.slugs import DeviceSlug, ProjectSlug, StreamSlug, VariableSlug
from server.lib.timeseries import TimeStatus
from server.lib.units import Mdo, display_value

_TYPES: Final = tuple(kind.code for kind in Kind)
_STATUSES: Final = tuple(status.code for status in TimeStatus)
_DIRTY: Final = tuple("true" if status is TimeStatus.DRT else "false" for status in TimeStatus)


class Neighbours(NamedTuple):
    """The addresses of the pages beside this one."""

    next: str | None
    previous: str | None


def page(rows: Sequence[str], *, count: int, neighbours: Neighbours) -> bytes:
    beside = f'"next":{json.dumps(neighbours.next)},"previous":{json.dumps(neighbours.previous)}'
    return f'{{"count":{count},{beside},"results":[{",".join(rows)}]}}'.encode()


def stream_rows(stream: DataStream, readings: Sequence[Reading]) -> list[str]:
    """Rows with the fields of StreamRow, in its order."""
    places = stream.decimal_places
    values = [reading.value for reading in readings]
    outputs = _outputs(stream.output, values)
    columns = zip(
        readings, _seconds(_moments(readings)), _numbers(values), outputs, _numbers(outputs), strict=True
    )
    return [
        f'{{"type":"{_TYPES[kind]}","timestamp":"{at}Z","int_value":{_whole(int_value)},"value":{value}'
        f',"display_value":"{display_value(output, places)}","output_value":{output_value}'
        f',"streamer_local_id":{seq}}}'
        for (_, _, seq, _, int_value, _, _, kind), at, value, output, output_value in columns
    ]


def data_rows(streams: Sequence[DataStream], readings: Sequence[Reading]) -> list[str]:
    """Rows with the fields of DataRow, in its order. The id is the row's key in hex: stream, microseconds since 1970, id."""
    slugs = {stream.key: _slugs(stream.slug) for stream in streams}
    moments = _moments(readings)
    values = _numbers([reading.value for reading in readings])
    columns = zip(readings, _microseconds(moments), _seconds(moments), values, strict=True)
    return [
        f'{{"id":"{key:x}-{us:x}-{seq:x}",{slugs[key]},"type":"{_TYPES[kind]}"'
        f',"device_timestamp":{_whole(device_ts)},"timestamp":"{at}Z","int_value":{_whole(int_value)}'
        f',"value":{value},"streamer_local_id":{seq},"dirty_ts":{_DIRTY[status]},"status":"{_STATUSES[status]}"}}'
        for (key, _, seq, device_ts, int_value, _, status, kind), us, at, value in columns
    ]


def _slugs(slug: str) -> str:
    """What a stream's slug says of the things it is made of, as it stands in a row."""
    parts = StreamSlug.parse(slug)
    project, device = ProjectSlug(parts.project), DeviceSlug(parts.device)
    variable = VariableSlug(parts.project, parts.variable)
    return f'"stream":"{slug}","project":"{project}","device":"{device}","variable":"{variable}"'


def _moments(readings: Sequence[Reading]) -> NDArray[np.float64]:
    """Seconds since 1970; float64 has room for the microseconds of our days."""
    return np.array([reading.ts.timestamp() for reading in readings], dtype=np.float64)


def _microseconds(moments: NDArray[np.float64]) -> list[int]:
    whole: list[int] = np.rint(moments * 1e6).astype(np.int64).tolist()
    return whole


def _seconds(moments: NDArray[np.float64]) -> list[str]:
    """`2021-03-01T11:23:15`; what is below a second is cut. An array at a time, which is three times as fast as isoformat."""
    texts: list[str] = np.datetime_as_string(np.floor(moments).astype("datetime64[s]")).tolist()
    return texts


def _outputs(output: Mdo | None, values: list[float | None]) -> list[float | None]:
    """The values in the output unit."""
    if output is None or not values:
        return values
    shown = output.forward(np.array(values, dtype=np.float64)).tolist()  # None becomes NaN
    return [None if value is None else number for value, number in zip(values, shown, strict=True)]


def _numbers(values: list[float | None]) -> list[str]:
    """As JSON has them; it has no word for what is not finite."""
    if np.isfinite(
        np.array(values, dtype=np.float64)
    ).all():  # nearly always, and then there is nothing to look at
        return list(map(repr, values))
    return [repr(value) if value is not None and isfinite(value) else "null" for value in values]


def _whole(value: int | None) -> int | str:
    return "null" if value is None else value
