"""Streams and readings by their values."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from server.lib.units import Mdo

START: Final = datetime(2021, 3, 1, 11, 23, 15, tzinfo=UTC)


class Stream(NamedTuple):
    key: int
    slug: str
    output: Mdo | None = None


class Reading(NamedTuple):
    stream_key: int
    ts: datetime
    reading_id: int
    raw_time: int | None
    value: float | None
    int_value: int | None = None


@dataclass(frozen=True)
class Summary:
    stream_key: int
    count: int
    sum: float
    mean: float
    std: float | None
    min: float
    median: float
    max: float


LEVEL: Final = Stream(1, "s--level")
CELSIUS: Final = Stream(2, "s--celsius", Mdo(1, 10))


def reading(stream: Stream, value: float | None, *, after_s: float = 0, reading_id: int = 1) -> Reading:
    word = None if value is None else int(value)
    return Reading(stream.key, START + timedelta(seconds=after_s), reading_id, 60, value, word)
