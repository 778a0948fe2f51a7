"""Finds what a repair would change in the stored rows. Nothing is changed here.

Uptimes are seconds since a boot, so within one boot the difference of two uptimes is exact,
whatever times are stored. All rows are therefore placed relative to one row whose time is known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from server.apps.devices.models import Device
from server.apps.streams.services.event_times import event_retiming_of
from server.apps.streams.services.repairing import MOST_ROWS, Change, removed, retimed, retimed_event
from server.apps.streams.store.batch import EventRow, ReadingBatch
from server.apps.streams.store.checking import differing_hours, differing_latest
from server.apps.streams.store.repairing import readings_stored_twice
from server.apps.streams.store.retiming import count_between, events_between, rows_between
from server.core.errors import Invalid
from server.lib.formats import NO_TIME
from server.lib.timeseries import EARLIEST_US, LATEST_US, REBOOT_STREAM, TimeStatus

_RTC_BIT: Final = 0x8000_0000
_SECOND_US: Final = 1_000_000
_HIGHEST_ID: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class IdRange:
    """Reading ids, both inclusive."""

    first_id: int
    last_id: int


class _RowsInRange:
    """Readings and events of an id range, and which of them have an uptime."""

    def __init__(self, cursor: CursorWrapper, stream_keys: Sequence[int], ids: IdRange) -> None:
        first, last = ids.first_id, ids.last_id
        if count_between(stream_keys, first_id=first, last_id=last, most=MOST_ROWS + 1) > MOST_ROWS:
            raise Invalid(f"At most {MOST_ROWS} readings at once. Choose a shorter range.")
        self.readings = rows_between(cursor, stream_keys, first_id=first, last_id=last)
        self.events = events_between(cursor, stream_keys, first_id=first, last_id=last)
        self.has_uptime = (
            (self.readings.raw_time != NO_TIME)
            & (self.readings.raw_time < _RTC_BIT)
            & (self.readings.status != TimeStatus.UTC)
        )
        self.uptime_events = [event for event in self.events if _has_uptime(event)]

    def uptimes_by_id(self) -> list[tuple[int, int, int]]:
        """Return reading id, uptime in seconds and time in microseconds of all rows with an uptime,
        in the order of their ids."""
        rows = self.readings.where(self.has_uptime)
        found = list(zip(rows.reading_id.tolist(), rows.raw_time.tolist(), rows.ts_us.tolist(), strict=True))
        found += [(event.reading_id, event.raw_time or 0, event.ts_us) for event in self.uptime_events]
        return sorted(found)

    def placed_from_boot(self, boot_us: int, status: TimeStatus) -> Change:
        """Return the change that places all rows with an uptime relative to a boot; other rows
        stay."""
        rows = self.readings.where(self.has_uptime)
        new_us = _placed(boot_us, rows.raw_time.astype(np.int64))
        readings = retimed(rows, new_us, np.full(len(rows), status, dtype=np.uint8))
        events = [
            retimed_event(event, int(_placed(boot_us, np.array([event.raw_time]))[0]), int(status))
            for event in self.uptime_events
        ]
        return Change(readings, [pair for pair in events if pair is not None], warnings=self._warnings())

    def _warnings(self) -> list[str]:
        others = len(self.readings) - int(np.count_nonzero(self.has_uptime))
        others += len(self.events) - len(self.uptime_events)
        warnings = [f"{others} rows have a clock time or none, and stay where they are."] if others else []
        uptimes = [uptime for _, uptime, _ in self.uptimes_by_id()]
        if any(later < earlier for earlier, later in pairwise(uptimes)):
            warnings.append("Some uptimes run backwards: there may be an unreported reboot between them.")
        return warnings


def _has_uptime(event: EventRow) -> bool:
    return event.raw_time is not None and 0 <= event.raw_time < _RTC_BIT and event.status != TimeStatus.UTC


def _placed(boot_us: int, uptime_s: NDArray[np.int64]) -> NDArray[np.int64]:
    placed: NDArray[np.int64] = np.clip(boot_us + uptime_s * _SECOND_US, EARLIEST_US, LATEST_US)
    return placed


def find_forward(cursor: CursorWrapper, streams: Mapping[int, int], ids: IdRange, *, base_us: int) -> Change:
    """Place the first row with an uptime at `base_us` and the others relative to it. `streams`:
    local variable id by stream key.

    Raises Invalid when there is nothing to move, and for a reboot within the range.
    """
    rows = _RowsInRange(cursor, list(streams), ids)
    _, uptime_s, _ = _rows_with_uptime(rows)[0]
    _require_no_reboot(cursor, streams, ids)
    return rows.placed_from_boot(base_us - uptime_s * _SECOND_US, TimeStatus.CLN)


def find_backward(
    cursor: CursorWrapper, streams: Mapping[int, int], ids: IdRange, *, base_us: int | None
) -> Change:
    """Place the last row with an uptime at `base_us` (None: where it is) and the others relative to
    it. Raises as `find_forward` does."""
    rows = _RowsInRange(cursor, list(streams), ids)
    _, uptime_s, present_us = _rows_with_uptime(rows)[-1]
    _require_no_reboot(cursor, streams, ids)
    moment_us = present_us if base_us is None else base_us
    return rows.placed_from_boot(moment_us - uptime_s * _SECOND_US, TimeStatus.CLN)


def _rows_with_uptime(rows: _RowsInRange) -> list[tuple[int, int, int]]:
    found = rows.uptimes_by_id()
    if not found:
        raise Invalid("No stored reading in this range has an uptime.", field="first_id")
    return found


def _require_no_reboot(cursor: CursorWrapper, streams: Mapping[int, int], ids: IdRange) -> None:
    """Raises Invalid for a reboot within the range: uptimes of two boots cannot be compared. A
    reboot as first row is fine."""
    inside = [
        reading_id for reading_id in _reboot_ids(cursor, streams) if ids.first_id < reading_id <= ids.last_id
    ]
    if inside:
        raise Invalid(
            f"There is a reboot in this range, at id {inside[0]}. Adjust the readings before and after it separately.",
            field="last_id",
        )


def _reboot_ids(cursor: CursorWrapper, streams: Mapping[int, int]) -> list[int]:
    """Return the reading ids of all reboots, ascending."""
    keys = [key for key, lid in streams.items() if lid == REBOOT_STREAM]
    rows = rows_between(cursor, keys, first_id=1, last_id=_HIGHEST_ID)
    return sorted(set(rows.reading_id.tolist()))


def find_before_reboot(
    cursor: CursorWrapper, streams: Mapping[int, int], *, reboot_id: int, ref_id: int, offset_s: float
) -> Change:
    """Place the boot that ended with a reboot: by one of its rows whose time is right (`ref_id`
    before the reboot), or so that it ends `offset_s` seconds before the boot of a row after it.
    Raises Invalid.
    """
    reboots = _reboot_ids(cursor, streams)
    if reboot_id not in reboots:
        raise Invalid("No stored reading with this id is a reboot.", field="reboot_id")
    place = reboots.index(reboot_id)
    first_id = reboots[place - 1] if place else 1
    after = reboots[place + 1] - 1 if place + 1 < len(reboots) else _HIGHEST_ID
    if not first_id <= ref_id <= after:
        raise Invalid("Another reboot is between this reading and the reboot.", field="ref_id")
    boot_us = _boot_us_at(cursor, list(streams), ref_id)
    rows = _RowsInRange(cursor, list(streams), IdRange(first_id, reboot_id - 1))
    found = rows.uptimes_by_id()
    if not found:
        raise Invalid("No stored reading before this reboot has an uptime.", field="reboot_id")
    if ref_id < reboot_id:
        return rows.placed_from_boot(boot_us, TimeStatus.CLN)
    last_uptime_s = found[-1][1]
    return rows.placed_from_boot(
        boot_us - round(offset_s * _SECOND_US) - last_uptime_s * _SECOND_US, TimeStatus.DRT
    )


def _boot_us_at(cursor: CursorWrapper, stream_keys: Sequence[int], ref_id: int) -> int:
    found = _RowsInRange(cursor, stream_keys, IdRange(ref_id, ref_id)).uptimes_by_id()
    if not found:
        raise Invalid("No stored reading with this id has an uptime.", field="ref_id")
    _, uptime_s, ts_us = found[0]
    return ts_us - uptime_s * _SECOND_US


def find_duplicates(cursor: CursorWrapper, stream_keys: Sequence[int]) -> Change:
    """Return the removal of all but the earliest of readings with the same stream, reading id, raw
    word and raw device time."""
    rows = readings_stored_twice(cursor, stream_keys, most=MOST_ROWS + 1)
    warnings = []
    if len(rows) > MOST_ROWS:
        rows = rows.where(np.arange(MOST_ROWS))
        warnings.append("There are more than can be removed at once: repeat the repair.")
    return Change(removed(rows, _repeats_row_before(rows)), warnings=warnings)


def _repeats_row_before(rows: ReadingBatch) -> NDArray[np.bool_]:
    follows = np.zeros(len(rows), dtype=np.bool_)
    columns = (rows.stream_key, rows.reading_id, rows.int_value, rows.raw_time)
    follows[1:] = np.logical_and.reduce([column[1:] == column[:-1] for column in columns])
    return follows


def find_wrong_hours(
    cursor: CursorWrapper, stream_keys: Sequence[int], *, start_us: int, stop_us: int, with_counts: bool
) -> Change:
    """Return hours between `start_us` and `stop_us` (both full hours) and latest values that do not
    match their readings."""
    keys, hours = differing_hours(cursor, stream_keys, start_us=start_us, stop_us=stop_us, most=MOST_ROWS)
    latest = differing_latest(cursor, stream_keys, with_counts=with_counts)
    return Change(hour_streams=keys, hours_us=hours, latest=latest)


def find_event_times(cursor: CursorWrapper, device: Device) -> Change:
    """Return the events whose time differs from that of the reading that names them."""
    moves = event_retiming_of(cursor, device)
    if not len(moves):
        return Change()
    places = zip(moves.stream_key.tolist(), moves.reading_id.tolist(), moves.old_us.tolist(), strict=True)
    wanted = dict(zip(places, zip(moves.new_us.tolist(), moves.status.tolist(), strict=True), strict=True))
    events = events_between(
        cursor,
        np.unique(moves.stream_key).tolist(),
        first_id=int(moves.reading_id.min()),
        last_id=int(moves.reading_id.max()),
    )
    pairs = [
        retimed_event(event, *wanted[place])
        for event in events
        if (place := (event.stream_key, event.reading_id, event.ts_us)) in wanted
    ]
    return Change(events=[pair for pair in pairs if pair is not None])
