"""Readings that clients post, one or a list, all or nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from server.apps.streams.services.event_times import update_event_times
from server.apps.streams.services.streams import StreamWriter
from server.apps.streams.services.writable import Author, lock_writable_streams
from server.apps.streams.store.batch import Kind, ReadingBatch
from server.apps.streams.store.connection import writing_cursor
from server.apps.streams.store.reads import Reading
from server.apps.streams.store.reports import write_rows
from server.core import live
from server.core.errors import Invalid
from server.lib.formats import NO_TIME
from server.lib.instants import us_of
from server.lib.slugs import DeviceSlug, ProjectSlug, StreamSlug
from server.lib.timeseries import EARLIEST_US, LATEST_US, TimeStatus
from server.lib.units import RawFormat, UnitError

MOST_AT_ONCE: Final = 10_000


@dataclass(frozen=True, slots=True)
class NewReading:
    """Either a raw word, which is converted as in a report, or a value in the storage unit.

    `as_word`: the value is kept as the raw word that is read back as it; otherwise it has none.
    """

    stream: StreamSlug
    timestamp: datetime
    int_value: int | None = None
    value: float | None = None
    reading_id: int = 0
    raw_time: int | None = None
    status: TimeStatus = TimeStatus.UNK
    as_word: bool = False


def store_posted_readings(
    readings: Sequence[NewReading], *, by: Author, staff: bool = False
) -> list[Reading]:
    """Store all readings or none. Returns them as stored, in the order given. Raises Invalid with
    the field's name, Forbidden, Unavailable."""
    if len(readings) > MOST_AT_ONCE:
        raise Invalid(f"At most {MOST_AT_ONCE} readings can be posted at once.")
    slugs = {reading.stream for reading in readings}
    with writing_cursor() as cursor:
        writers = lock_writable_streams(cursor, slugs, by=by, staff=staff)
        batch = _batch(readings, writers)
        write_rows(cursor, batch)
        update_event_times(cursor, {slug.device for slug in slugs}, writers.values(), readings=batch)
    announce(slugs, len(readings))
    return _stored_readings(readings, batch)


def timestamp_us(timestamp: datetime) -> int:
    """Raises Invalid for a time that cannot be shown in every time zone."""
    us = us_of(timestamp)
    if not EARLIEST_US <= us <= LATEST_US:
        raise Invalid("A time from 0001-01-02 to 9999-12-30 (UTC) is needed.", field="timestamp")
    return us


def _batch(readings: Sequence[NewReading], writers: dict[StreamSlug, StreamWriter]) -> ReadingBatch:
    own = [writers[reading.stream] for reading in readings]
    words = [_word(reading, writer) for reading, writer in zip(readings, own, strict=True)]
    no_word = np.array([word is None for word in words])
    return ReadingBatch(
        stream_key=np.array([writer.key for writer in own], dtype=np.int32),
        ts_us=np.array([timestamp_us(reading.timestamp) for reading in readings], dtype=np.int64),
        reading_id=np.array([reading.reading_id for reading in readings], dtype=np.int64),
        raw_time=np.array([NO_TIME if r.raw_time is None else r.raw_time for r in readings], dtype=np.uint32),
        int_value=np.array([word or 0 for word in words], dtype=np.uint32),
        value=np.array([_value(r, w, word) for r, w, word in zip(readings, own, words, strict=True)]),
        status=np.array([reading.status for reading in readings], dtype=np.uint8),
        kind=np.array([_kind(r, w) for r, w in zip(readings, own, strict=True)], dtype=np.uint8),
        no_word=no_word if no_word.any() else None,
    )


def _word(reading: NewReading, writer: StreamWriter) -> int | None:
    if reading.as_word and reading.value is not None:
        return _word_of_value(reading.value, writer)
    if reading.int_value is None:
        return None
    if reading.int_value < 0 and writer.conversion.raw_format is not RawFormat.SIGNED:
        raise Invalid(f"The raw words of {writer.slug} are unsigned.", field="int_value")
    return reading.int_value & 0xFFFF_FFFF


def _word_of_value(value: float, writer: StreamWriter) -> int:
    try:
        return writer.conversion.to_word(value)
    except UnitError as error:
        raise Invalid(
            f"{error} To store it without a raw word, send it with type ITR.", field="value"
        ) from error


def _value(reading: NewReading, writer: StreamWriter, word: int | None) -> float:
    if word is not None:
        return writer.conversion.to_value(word)
    return np.nan if reading.value is None else reading.value


def _kind(reading: NewReading, writer: StreamWriter) -> Kind:
    has_word = reading.as_word or reading.int_value is not None
    if has_word and writer.names_events:
        return Kind.EVENT_NUMBER
    internal = not has_word or writer.conversion.kind == "ITR"
    return Kind.ITR if internal else Kind.NUM


def _stored_readings(readings: Sequence[NewReading], batch: ReadingBatch) -> list[Reading]:
    columns = zip(
        readings,
        batch.stream_key.tolist(),
        batch.int_value.tolist(),
        batch.value.tolist(),
        batch.kind.tolist(),
        strict=True,
    )
    return [
        Reading(
            stream_key=key,
            ts=reading.timestamp,
            reading_id=reading.reading_id,
            raw_time=reading.raw_time,
            int_value=word if reading.as_word or reading.int_value is not None else None,
            value=value,
            status=reading.status,
            kind=kind,
        )
        for reading, key, word, value, kind in columns
    ]


def announce(streams: Iterable[StreamSlug], stored: int) -> None:
    """Push "something new" to open pages, as a report does."""
    of_device: dict[tuple[int, int], list[str]] = {}
    for slug in sorted(streams):
        of_device.setdefault((slug.project, slug.device), []).append(str(slug))
    for (project, device), slugs in of_device.items():
        message = {"device": str(DeviceSlug(device)), "streams": slugs, "report": None, "stored": stored}
        live.publish(f"device:{DeviceSlug(device)}", message)
        live.publish(f"project:{ProjectSlug(project)}", message)
