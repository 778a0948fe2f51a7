"""What the streamer's own coverage takes for new, and may be stored all the same. Then the rows are asked."""

from typing import Final

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from server.apps.streams import store
from server.apps.streams.services.reports.rows import Outcome, WriteReport, ids_of, lids_of
from server.lib.timeseries import EARLIEST_US, LATEST_US, MAX_JUMP, REBOOT_STREAM, PlacedTimes
from server.lib.timeseries.coverage import MAX_ISLANDS

_SAME_READING_WITHIN_US: Final = (
    31 * 86_400_000_000
)  # two estimates of one reading's time are closer than this


def doubtful_of(
    write: WriteReport, progress: store.Progress, outcome: NDArray[np.uint8]
) -> NDArray[np.bool_]:
    """Of the readings, then of the events. Who finds one takes `lock_device` before anything is asked or written.

    Streamers may overlap: the user and the system streamer both bring reboot marks, with one id but not always one time.
    And a coverage of too many parts that are far from each other has forgotten some.
    """
    doubtful: NDArray[np.bool_] = np.isin(lids_of(write.report), list(write.shared_lids))
    gaps = progress.covered.starts[1:] - progress.covered.ends[:-1]
    if np.count_nonzero(gaps > MAX_JUMP) >= MAX_ISLANDS - 1:
        doubtful |= ids_of(write.report) < progress.last_id
    doubtful &= outcome == Outcome.STORED
    return doubtful


def drop_readings_stored_before(
    cursor: CursorWrapper,
    write: WriteReport,
    placed: PlacedTimes,
    doubtful: NDArray[np.bool_],
    outcome: NDArray[np.uint8],
) -> None:
    readings = write.report.readings
    rows = np.flatnonzero(doubtful[: len(readings)])
    reboots = rows[readings["stream"][rows] == REBOOT_STREAM]
    others = rows[readings["stream"][rows] != REBOOT_STREAM]
    for chosen, around in ((reboots, None), (others, _around(placed.ts_us[others]))):
        if chosen.size:
            keys = _keys(write, readings["stream"][chosen])
            ids = readings["reading_id"][chosen].tolist()
            known = store.known_ids(cursor, sorted(set(keys)), ids, around=around)
            outcome[chosen[[pair in known for pair in zip(keys, ids, strict=True)]]] = Outcome.DUPLICATE


def drop_events_stored_before(
    cursor: CursorWrapper, write: WriteReport, doubtful: NDArray[np.bool_], outcome: NDArray[np.uint8]
) -> None:
    rows = np.flatnonzero(doubtful[len(write.report.readings) :])
    if not rows.size:
        return
    events = [write.report.events[row] for row in rows.tolist()]
    keys = [write.writers[event.stream].key for event in events]
    ids = [event.reading_id for event in events]
    known = store.known_event_ids(cursor, sorted(set(keys)), ids)
    outcome[rows[[pair in known for pair in zip(keys, ids, strict=True)]]] = Outcome.DUPLICATE


def _around(ts_us: NDArray[np.int64]) -> tuple[int, int] | None:
    if not ts_us.size:
        return None
    first, last = int(ts_us.min()) - _SAME_READING_WITHIN_US, int(ts_us.max()) + _SAME_READING_WITHIN_US
    return max(first, EARLIEST_US), min(last, LATEST_US)


def _keys(write: WriteReport, streams: NDArray[np.uint16]) -> list[int]:
    return [write.writers[lid].key for lid in streams.tolist()]
