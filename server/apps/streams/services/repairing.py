"""Changes of stored rows: planned, applied once, and undone. What to change is decided in
`lifecycle.services.repairs`."""

import hashlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from server.apps.streams.services.event_data import delete_event_objects
from server.apps.streams.store import repairing
from server.apps.streams.store.batch import EventRow, ReadingBatch
from server.apps.streams.store.checking import recount_latest
from server.apps.streams.store.connection import writing_cursor
from server.apps.streams.store.repairing import (
    EventPair,
    ReadingPairs,
    delete_repaired_rows,
    no_reading_pairs,
    repaired_rows,
    replace_events,
    replace_readings,
    result_of_repair,
    save_result,
    save_rows,
)
from server.apps.streams.store.retiming import recompute_hours
from server.core.errors import Conflict
from server.lib.instants import instant_of
from server.lib.timeseries import TimeStatus

MOST_ROWS: Final = 200_000
"""Readings and events of one repair, which are held in memory and saved for an undo."""
MOST_EXAMPLES: Final = 20
_CHANGED_SINCE_PLAN: Final = "What is stored has changed since this was planned. Please plan it again."


def _no_numbers() -> NDArray[Any]:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Change:
    """Rows before and after. Hours (`hour_streams` and where they begin, `hours_us`) and `latest`
    (stream keys) are recomputed without changing a row."""

    readings: ReadingPairs = field(default_factory=no_reading_pairs)
    events: Sequence[EventPair] = ()
    hour_streams: NDArray[np.int64] = field(default_factory=_no_numbers)
    hours_us: NDArray[np.int64] = field(default_factory=_no_numbers)
    latest: NDArray[Any] = field(default_factory=_no_numbers)
    warnings: Sequence[str] = ()


FindChange = Callable[[CursorWrapper], Change]


def retimed(rows: ReadingBatch, new_us: NDArray[np.int64], status: NDArray[np.uint8]) -> ReadingPairs:
    """Return the rows whose time or status changes, before and after."""
    chosen = np.flatnonzero((rows.ts_us != new_us) | (rows.status != status))
    before = rows.where(chosen)
    everywhere = np.ones(len(chosen), dtype=np.bool_)
    after = replace(before, ts_us=new_us[chosen], status=status[chosen])
    return ReadingPairs(before, after, everywhere, everywhere)


def removed(rows: ReadingBatch, gone: NDArray[np.bool_]) -> ReadingPairs:
    """Return the rows and which of them are removed."""
    return ReadingPairs(rows, rows, np.ones(len(rows), dtype=np.bool_), ~gone)


def retimed_event(event: EventRow, new_us: int, status: int) -> EventPair | None:
    if (event.ts_us, event.status) == (new_us, status):
        return None
    return EventPair(event, replace(event, ts_us=new_us, status=status))


# Plans


def counts_of(change: Change) -> dict[str, Any]:
    """Return the counts of a plan or a result."""
    was, stays = change.readings.has_before, change.readings.has_after
    pairs = change.events
    return {
        "readings": {
            "changed": int(np.count_nonzero(was & stays & ~_is_unchanged(change.readings))),
            "added": int(np.count_nonzero(~was & stays)),
            "removed": int(np.count_nonzero(was & ~stays)),
        },
        "events": {
            "changed": sum(pair.before is not None and pair.after is not None for pair in pairs),
            "added": sum(pair.before is None for pair in pairs),
            "removed": sum(pair.after is None for pair in pairs),
        },
        "hours": len(change.hours_us),
        "latest": len(change.latest),
    }


def is_empty(change: Change) -> bool:
    return not (len(change.readings) or change.events or len(change.hours_us) or len(change.latest))


def _is_unchanged(pairs: ReadingPairs) -> NDArray[np.bool_]:
    """Return which pairs are equal: the copies that stay when duplicates are removed."""
    same: NDArray[np.bool_] = (
        (pairs.before.ts_us == pairs.after.ts_us)
        & (pairs.before.status == pairs.after.status)
        & (pairs.before.value.view(np.int64) == pairs.after.value.view(np.int64))
    )
    return same


def plan_of(change: Change, slugs: Mapping[int, str]) -> dict[str, Any]:
    """Return the plan as JSON for people and programs; `slugs` by stream key."""
    readings, events = change.readings, change.events
    return {
        **counts_of(change),
        "before": _time_range_json([readings.old.ts_us, _times([pair.before for pair in events])]),
        "after": _time_range_json([readings.new.ts_us, _times([pair.after for pair in events])]),
        "largest_shift_s": _largest_shift_s(change),
        "examples": _examples(change, slugs),
        "warnings": list(change.warnings),
        "fingerprint": fingerprint(change),
    }


def _times(events: Sequence[EventRow | None]) -> NDArray[np.int64]:
    return np.array([event.ts_us for event in events if event is not None], dtype=np.int64)


def _time_range_json(times: Sequence[NDArray[np.int64]]) -> dict[str, str | None]:
    together = np.concatenate(times)
    if not len(together):
        return {"first": None, "last": None}
    return {"first": _iso(int(together.min())), "last": _iso(int(together.max()))}


def _iso(us: int) -> str:
    return instant_of(us).isoformat()


def _largest_shift_s(change: Change) -> float:
    pairs = change.readings
    stay = pairs.has_before & pairs.has_after
    readings = np.abs(pairs.after.ts_us - pairs.before.ts_us)[stay]
    events = [abs(after.ts_us - before.ts_us) for before, after in change.events if before and after]
    return max(int(readings.max(initial=0)), max(events, default=0)) / 1_000_000


def _examples(change: Change, slugs: Mapping[int, str]) -> list[dict[str, Any]]:
    """Return the first rows of each kind of change, so that many of one kind do not hide the
    others."""
    pairs = change.readings
    kinds = pairs.has_before * 2 + pairs.has_after
    each = MOST_EXAMPLES // max(1, len(np.unique(kinds)))
    chosen = np.sort(np.concatenate([np.flatnonzero(kinds == kind)[:each] for kind in (1, 2, 3)]))
    rows = [_reading_example(pairs, int(n), slugs) for n in chosen]
    rows += [_event_example(pair, slugs) for pair in change.events[: MOST_EXAMPLES - len(rows)]]
    hours = zip(change.hour_streams.tolist(), change.hours_us.tolist(), strict=True)
    for key, hour in list(hours)[: MOST_EXAMPLES - len(rows)]:
        rows.append({"what": "hour", "stream": slugs.get(key, ""), "hour": _iso(hour)})
    for key in change.latest[: MOST_EXAMPLES - len(rows)].tolist():
        rows.append({"what": "latest", "stream": slugs.get(key, "")})
    return rows


def _reading_example(pairs: ReadingPairs, n: int, slugs: Mapping[int, str]) -> dict[str, Any]:
    key = int(pairs.before.stream_key[n])
    return {
        "what": "reading",
        "stream": slugs.get(key, ""),
        "id": int(pairs.before.reading_id[n]),
        "before": _reading_json(pairs.before, n) if pairs.has_before[n] else None,
        "after": _reading_json(pairs.after, n) if pairs.has_after[n] else None,
    }


def _reading_json(batch: ReadingBatch, n: int) -> dict[str, Any]:
    value = float(batch.value[n])
    return {
        "timestamp": _iso(int(batch.ts_us[n])),
        "status": TimeStatus(int(batch.status[n])).code,
        "value": value if np.isfinite(value) else None,
    }


def _event_example(pair: EventPair, slugs: Mapping[int, str]) -> dict[str, Any]:
    event = pair.before or pair.after
    shown = [
        None if side is None else {"timestamp": _iso(side.ts_us), "status": TimeStatus(side.status).code}
        for side in pair
    ]
    stream, number = ("", 0) if event is None else (slugs.get(event.stream_key, ""), event.reading_id)
    return {"what": "event", "stream": stream, "id": number, "before": shown[0], "after": shown[1]}


def fingerprint(change: Change) -> str:
    """Return a digest that is equal for equal changes, to the last bit."""
    digest = hashlib.sha256()
    pairs = change.readings
    columns: list[NDArray[Any]] = [
        pairs.has_before,
        pairs.has_after,
        change.hour_streams,
        change.hours_us,
        change.latest,
    ]
    for rows in (pairs.before, pairs.after):
        columns += [rows.stream_key, rows.ts_us, rows.reading_id, rows.raw_time, rows.int_value]
        columns += [rows.value, rows.status, rows.kind]
    for column in columns:
        digest.update(np.ascontiguousarray(column).tobytes())
    for before, after in change.events:
        digest.update(repr([(e.uuid, e.ts_us, e.status) if e else None for e in (before, after)]).encode())
    return digest.hexdigest()


# Applying


def find_change(find: FindChange) -> Change:
    """Find a change without applying it, in one transaction as when it is applied. Raises
    Unavailable."""
    with writing_cursor() as cursor:
        return find(cursor)


def apply_change(repair: uuid.UUID, find: FindChange, *, planned: str) -> dict[str, Any]:
    """Apply a change once, however often it is called. Returns the counts. `planned`: the
    fingerprint of the plan.

    The device is busy and has no writers left. Raises Conflict when something else would change
    than was planned.
    """
    with writing_cursor() as cursor:
        # The result is saved in the transaction of the change, so a worker that was killed and
        # starts again finds it.
        result = result_of_repair(cursor, repair)
        if result is not None:
            return result
        change = find(cursor)
        if fingerprint(change) != planned:
            raise Conflict(_CHANGED_SINCE_PLAN)
        save_rows(cursor, repair, change.readings, change.events)
        replace_readings(cursor, change.readings)
        replace_events(cursor, change.events)
        recompute_hours(cursor, change.hour_streams, change.hours_us)
        recount_latest(cursor, change.latest)
        result = counts_of(change)
        save_result(cursor, repair, result)
    return result


_REVERTED: Final = "taken_back"


def revert(repair: uuid.UUID, stream_keys: Sequence[int]) -> None:
    """Undo a repair once, however often it is called. `stream_keys`: the device's present streams.

    Raises Conflict when one of the rows has changed since, or is no longer the device's.
    """
    with writing_cursor() as cursor:
        result = result_of_repair(cursor, repair)
        if result is None:
            raise Conflict("There is nothing to undo.")
        if result.get(_REVERTED):
            return
        readings, events = repaired_rows(cursor, repair)
        touched = set(readings.before.stream_key.tolist())
        touched |= {event.stream_key for pair in events for event in pair if event is not None}
        if not touched <= set(stream_keys):
            raise Conflict("Some of the streams have been archived, moved or deleted since.")
        replace_readings(cursor, readings.reversed())
        replace_events(cursor, [EventPair(after, before) for before, after in events])
        delete_repaired_rows(cursor, repair)
        save_result(cursor, repair, result | {_REVERTED: True})
        added = [after for before, after in events if before is None and after is not None]
        delete_event_objects({event.object_key for event in added if event.object_key is not None})


def delete_repairs(repairs: Sequence[uuid.UUID]) -> None:
    """Delete the rows that were saved for undoing these repairs."""
    if repairs:
        repairing.delete_repairs(repairs)


def repair_rollups(find: FindChange) -> Change:
    """Recompute the hours and latest values that a change names, also while reports are being
    stored. Returns the change."""
    with writing_cursor() as cursor:
        change = find(cursor)
        recompute_hours(cursor, change.hour_streams, change.hours_us)
        recount_latest(cursor, change.latest)
    return change
