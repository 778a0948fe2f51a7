"""Readings that a device sends under names: stored whole or refused, and each of them once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from server.apps.devices.models import Device
from server.apps.devices.services.devices import touch_last_report
from server.apps.streams.services.named_streams import invalid, make_named_streams, word_of
from server.apps.streams.services.posting import announce
from server.apps.streams.services.streams import NamedWriter, named_writers
from server.apps.streams.store.batch import Kind, ReadingBatch
from server.apps.streams.store.connection import writing_cursor
from server.apps.streams.store.given_ids import already_stored, given_ids_sql, lock_given_ids
from server.apps.streams.store.reports import write_rows
from server.core.errors import Invalid
from server.lib.formats import NO_TIME
from server.lib.instants import us_of
from server.lib.named_values import NamedValue
from server.lib.slugs import StreamSlug
from server.lib.timeseries import TimeStatus

NOT_CLAIMED: Final = "The device is not claimed: it is in no project yet."


@dataclass(frozen=True, slots=True)
class StoredValues:
    stored: int
    duplicates: int
    """Values that were there already, with the same time."""
    variables: dict[str, NamedWriter]


def store_named_values(
    *, device: Device, values: Sequence[NamedValue], now: datetime, nearest: bool = False
) -> StoredValues:
    """Store all values or none, with ids of the server in the order given. `nearest`: as the
    nearest ones that their variables can keep.

    A value with a time is stored once, however often it comes. Raises Invalid, by name and place;
    Unavailable, also while the device is busy.
    """
    if device.project_id is None:
        raise Invalid(NOT_CLAIMED)
    with writing_cursor() as cursor:
        last_id = lock_given_ids(cursor, device.pk)
        writers = _writers(device, values, nearest=nearest)
        batch = _batch(values, writers, now, nearest=nearest)
        new = _is_new(cursor, values, batch)
        fresh = batch.where(new)
        count = len(fresh)
        if count:
            ids = np.arange(last_id + 1, last_id + 1 + count, dtype=np.int64)
            counted = given_ids_sql(device.pk, last_id + count)
            write_rows(cursor, replace(fresh, reading_id=ids), also=[counted])
    named = {value.name: writers[value.name] for value in values}
    if count:
        announce({StreamSlug.parse(each.writer.slug) for each in named.values()}, count)
    touch_last_report(device=device, on=now)
    return StoredValues(count, len(values) - count, named)


def _writers(device: Device, values: Sequence[NamedValue], *, nearest: bool) -> dict[str, NamedWriter]:
    writers = named_writers(device)
    missing = [value for value in values if value.name not in writers]
    for value in values:
        if value.name in writers:
            _check(value, writers[value.name])
    if missing:
        # Nothing is created for a request that is refused.
        for value in values:
            if value.name in writers:
                word_of(value, writers[value.name].writer.conversion, nearest=nearest)
        make_named_streams(device=device, values=missing, nearest=nearest)
        writers = named_writers(device)
        for value in missing:
            _check(value, writers[value.name])
    return writers


def _check(value: NamedValue, named: NamedWriter) -> None:
    writer = named.writer
    if not writer.enabled:
        raise invalid(value, f"The stream {writer.slug} is disabled.")
    if writer.is_encoded or writer.names_events:
        raise invalid(value, f"The variable {named.variable} is of a type that holds no plain numbers.")


def _batch(
    values: Sequence[NamedValue], writers: Mapping[str, NamedWriter], now: datetime, *, nearest: bool
) -> ReadingBatch:
    own = [writers[value.name].writer for value in values]
    words = [word_of(v, w.conversion, nearest=nearest) for v, w in zip(values, own, strict=True)]
    arrival_us = us_of(now)
    kinds = [Kind.ITR if writer.conversion.kind == "ITR" else Kind.NUM for writer in own]
    return ReadingBatch(
        stream_key=np.array([writer.key for writer in own], dtype=np.int32),
        ts_us=np.array([arrival_us if v.at_us is None else v.at_us for v in values], dtype=np.int64),
        reading_id=np.zeros(len(values), dtype=np.int64),
        raw_time=np.full(len(values), NO_TIME, dtype=np.uint32),
        int_value=np.array(words, dtype=np.uint32),
        value=np.array([w.conversion.to_value(word) for w, word in zip(own, words, strict=True)]),
        status=np.full(len(values), TimeStatus.UTC, dtype=np.uint8),
        kind=np.array(kinds, dtype=np.uint8),
    )


def _is_new(cursor: CursorWrapper, values: Sequence[NamedValue], batch: ReadingBatch) -> NDArray[np.bool_]:
    """Return which values are not stored yet. Those without a time of their own are new: nothing
    says that they are the same as others."""
    timed = np.flatnonzero([value.at_us is not None for value in values])
    keys, times, numbers = batch.stream_key[timed], batch.ts_us[timed], batch.value[timed]
    places = zip(keys.tolist(), times.tolist(), numbers.tolist(), strict=True)
    first: dict[tuple[int, int, float], int] = {}
    for position, place in enumerate(places):
        first.setdefault(place, position)
    repeated = np.ones(len(timed), dtype=np.bool_)
    repeated[list(first.values())] = False
    new = np.ones(len(values), dtype=np.bool_)
    new[timed] = ~(repeated | already_stored(cursor, keys, times, numbers))
    return new
