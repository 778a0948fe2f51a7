"""Which readings and events of a report are new: by the streamer's coverage and, where that may be
wrong, by what is stored."""

from collections.abc import Sequence, Set
from enum import IntEnum
from typing import Final

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from server.apps.streams.services.reports.rows import NO_STREAM, ReportRows
from server.apps.streams.store.reports import coverages_of, known_event_ids, known_ids
from server.lib.formats import Flaw
from server.lib.timeseries import EARLIEST_US, LATEST_US, MAX_JUMP, REBOOT_STREAM, PlacedTimes
from server.lib.timeseries.coverage import MAX_ISLANDS

# Two estimates of one reading's time are usually closer than this; see `_covered_elsewhere` for the
# others.
_SAME_READING_WITHIN_US: Final = 31 * 86_400_000_000


class Outcome(IntEnum):
    """What happens to a reading or event. The names of refusals are the ledger's reasons."""

    STORED = 0
    DUPLICATE = 1
    NO_ID = 2
    STREAM_DISABLED = 3
    TOO_MANY_STREAMS = 4
    NO_VALUE = 5
    BAD_TIME = 6

    @property
    def reason(self) -> str:
        return self.name.lower().replace("_", "-")


_OF_FLAWS: Final = {Flaw.NO_VALUE: Outcome.NO_VALUE, Flaw.BAD_TIME: Outcome.BAD_TIME}


def outcomes_by_coverage(rows: ReportRows) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Return the outcomes of the rows by the streamer's coverage, and which rows are doubtful: new
    by the coverage but possibly stored."""
    is_new = rows.progress.covered.is_new(rows.ids)
    outcomes = np.where(is_new, Outcome.STORED, Outcome.DUPLICATE).astype(np.uint8)
    outcomes[rows.ids == 0] = Outcome.NO_ID
    outcomes[(outcomes == Outcome.STORED) & rows.disabled] = Outcome.STREAM_DISABLED
    outcomes[(outcomes == Outcome.STORED) & (rows.stream_keys == NO_STREAM)] = Outcome.TOO_MANY_STREAMS
    if rows.flaws is not None:
        for flaw, outcome in _OF_FLAWS.items():
            outcomes[(outcomes == Outcome.STORED) & (rows.flaws == flaw)] = outcome
    return outcomes, _may_be_stored(rows) & (outcomes == Outcome.STORED)


def _may_be_stored(rows: ReportRows) -> NDArray[np.bool_]:
    """Return which rows may be stored although the coverage does not have them."""
    # Streamers may overlap: the user and the system streamer both bring reboot marks, with one id
    # but not always one time.
    may_be: NDArray[np.bool_] = np.isin(rows.lids, list(rows.streams.shared_lids))
    # A coverage with too many distant islands has forgotten some of them.
    covered = rows.progress.covered
    gaps = covered.starts[1:] - covered.ends[:-1]
    if np.count_nonzero(gaps > MAX_JUMP) >= MAX_ISLANDS - 1:
        may_be |= rows.ids < rows.progress.last_id
    return may_be


def with_stored_duplicates(
    cursor: CursorWrapper,
    rows: ReportRows,
    outcomes: NDArray[np.uint8],
    doubtful: NDArray[np.bool_],
    placed: PlacedTimes,
) -> NDArray[np.uint8]:
    """Return the outcomes with DUPLICATE for doubtful rows that are already stored."""
    outcomes = outcomes.copy()
    readings = np.flatnonzero(rows.of_readings(doubtful))
    is_reboot = rows.lids[readings] == REBOOT_STREAM
    reboots, others = readings[is_reboot], readings[~is_reboot]
    # Reboots are few, so they are looked for in all partitions.
    outcomes[_stored(cursor, rows, reboots, around=None)] = Outcome.DUPLICATE
    # By a mark the same reading may be months away.
    around = None if rows.has_trip_marks else _bounds_around(placed.ts_us[others])
    outcomes[_stored(cursor, rows, others, around=around)] = Outcome.DUPLICATE
    distant = _covered_elsewhere(cursor, rows, others[outcomes[others] == Outcome.STORED])
    outcomes[_stored(cursor, rows, distant, around=None)] = Outcome.DUPLICATE
    events = np.flatnonzero(rows.of_events(doubtful)) + len(rows.report.readings)
    if events.size:
        keys, ids = rows.stream_keys[events].tolist(), rows.ids[events].tolist()
        known = known_event_ids(cursor, sorted(set(keys)), ids)
        outcomes[events[_are_known(known, keys, ids)]] = Outcome.DUPLICATE
    return outcomes


def _stored(
    cursor: CursorWrapper, rows: ReportRows, chosen: NDArray[np.int64], *, around: tuple[int, int] | None
) -> NDArray[np.int64]:
    """Return which of the chosen readings are stored."""
    if not chosen.size:
        return chosen
    keys, ids = rows.stream_keys[chosen].tolist(), rows.ids[chosen].tolist()
    known = known_ids(cursor, sorted(set(keys)), ids, around=around)
    return chosen[_are_known(known, keys, ids)]


def _covered_elsewhere(
    cursor: CursorWrapper, rows: ReportRows, chosen: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return which of the chosen readings another streamer may have brought, by its coverage.

    A device that was off for months between the two uploads, or a damaged raw time, puts the same
    reading far from where it is stored. To look in all partitions is slow, so it is done only for
    these.
    """
    if not chosen.size or not rows.streams.other_streamers:
        return chosen[:0]
    covered = np.zeros(len(chosen), dtype=np.bool_)
    for coverage in coverages_of(cursor, rows.streams.other_streamers):
        covered |= ~coverage.is_new(rows.ids[chosen])
    return chosen[covered]


def _bounds_around(ts_us: NDArray[np.int64]) -> tuple[int, int] | None:
    if not ts_us.size:
        return None
    first, last = int(ts_us.min()) - _SAME_READING_WITHIN_US, int(ts_us.max()) + _SAME_READING_WITHIN_US
    return max(first, EARLIEST_US), min(last, LATEST_US)


def _are_known(known: Set[tuple[int, int]], keys: Sequence[int], ids: Sequence[int]) -> list[bool]:
    return [pair in known for pair in zip(keys, ids, strict=True)]
