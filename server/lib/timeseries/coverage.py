"""Which reading ids of a streamer are accounted for: what is in the coverage is not new.

A report covers everything from its lowest to its highest id, because the ids between went to other
streamers. This must lead neither to a set that grows with every gap, nor to a device silenced
forever by one damaged or forged id far above the true ones. Hence three rules:

1. Between two neighbouring ids of one report that are more than MAX_JUMP apart nothing is covered.
2. A gap of at most MAX_JUMP ids is *narrow*. When there are too many, the oldest (lowest) close:
   readings that late count as covered. A wider gap never closes, so an id far above the rest covers
   nothing below it.
3. Wide gaps divide the set into *islands*. When there are more than MAX_ISLANDS, the lowest is
   forgotten, but never the one with most ids. A forgotten island is no longer covered: a repeated
   report of it counts as new again, and has to be recognized by the stored readings. That is the
   lesser evil, since a silenced device cannot be repaired.

The narrow gaps of the largest island, which has the true ids of any working device, are counted
separately from those of all others, so that forged ids cannot use up its MAX_GAPS. There are never
more than MAX_RANGES ranges.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

LAST_ID = 2**32 - 1
"""Reading ids have 32 bits, and 0 means "no id"."""

MAX_JUMP = 65_536
MAX_GAPS = 128
MAX_ISLANDS = 32
MAX_RANGES = 2 * MAX_GAPS + MAX_ISLANDS

_Ranges: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64]]

_MULTIRANGE = re.compile(r"\{(?:\[[0-9]{1,10},[0-9]{1,10}\)(?:,\[[0-9]{1,10},[0-9]{1,10}\))*)?\}")
_NUMBER = re.compile("[0-9]+")


class CoverageError(ValueError):
    """A text is not a set of reading ids in the form `{[1,5),[9,12)}`."""


def _frozen(values: NDArray[np.int64]) -> NDArray[np.int64]:
    values.flags.writeable = False
    return values


def _no_ids() -> NDArray[np.int64]:
    return _frozen(np.empty(0, dtype=np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """An immutable set of reading ids, kept as sorted ranges that neither overlap nor touch."""

    starts: NDArray[np.int64] = field(default_factory=_no_ids)
    ends: NDArray[np.int64] = field(default_factory=_no_ids)
    """One above the last id of each range."""

    @classmethod
    def parse(cls, text: str) -> Coverage:
        """Parse PostgreSQL's text of an int8multirange. Raises CoverageError for anything that
        `str` does not write."""
        if not _MULTIRANGE.fullmatch(text):
            raise CoverageError(f"{text[:60]!r} is not a set of reading ids of the form {{[1,5),[9,12)}}.")
        bounds = np.array([int(number) for number in _NUMBER.findall(text)], dtype=np.int64)
        in_order = bool((np.diff(bounds, prepend=0) > 0).all())
        if not in_order or (len(bounds) > 0 and bounds[-1] > LAST_ID + 1):
            raise CoverageError(
                "The ranges of covered reading ids must be sorted, apart and within 1..2^32 - 1."
            )
        return cls(_frozen(bounds[0::2].copy()), _frozen(bounds[1::2].copy()))

    def __str__(self) -> str:
        """Return PostgreSQL's text of the int8multirange: `{[1,5),[9,12)}`."""
        return "{" + ",".join(f"[{start},{end})" for start, end in self.ranges()) + "}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Coverage):
            return NotImplemented
        return np.array_equal(self.starts, other.starts) and np.array_equal(self.ends, other.ends)

    def __hash__(self) -> int:
        return hash((self.starts.tobytes(), self.ends.tobytes()))

    def ranges(self) -> tuple[tuple[int, int], ...]:
        """Return the covered ids as half-open ranges."""
        return tuple(zip(self.starts.tolist(), self.ends.tolist(), strict=True))

    def gaps(self) -> tuple[tuple[int, int], ...]:
        """Return the ids that are not covered between the first and the last covered one, as
        half-open ranges."""
        return tuple(zip(self.ends[:-1].tolist(), self.starts[1:].tolist(), strict=True))

    def is_new(self, ids: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Return for each id whether it is new: neither covered nor repeated from further left in
        `ids`.

        Invalid ids (0, or more than 32 bits) are never new.
        """
        wide = ids.astype(np.int64)
        new = (wide >= 1) & (wide <= LAST_ID) & _is_first(wide)
        if len(self.starts):
            at = np.searchsorted(self.starts, wide, side="right") - 1
            new &= (at < 0) | (wide >= self.ends[at])
        return new

    def with_report(self, ids: NDArray[np.integer]) -> Coverage:
        """Return this set with what a report with these ids, in any order, covers; see the rules of
        this module."""
        wide = ids.astype(np.int64)
        if not _is_ascending(wide):
            wide = np.unique(wide)
        known = wide[(wide >= 1) & (wide <= LAST_ID)]
        if not len(known):
            return self
        after_jump = np.flatnonzero(np.diff(known) > MAX_JUMP) + 1
        starts = known[np.concatenate(([0], after_jump))]
        ends = known[np.concatenate((after_jump - 1, [-1]))] + 1
        merged = _merged(np.concatenate((self.starts, starts)), np.concatenate((self.ends, ends)))
        starts, ends = _with_old_gaps_closed(_with_islands_forgotten(merged))
        return Coverage(_frozen(starts), _frozen(ends))


def _is_ascending(ids: NDArray[np.int64]) -> bool:
    """Whether ids are strictly ascending, as devices send them."""
    return bool((ids[1:] > ids[:-1]).all())


def _is_first(ids: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return for each id whether it is the first of its value."""
    if _is_ascending(ids):
        return np.ones(len(ids), dtype=np.bool_)
    first = np.zeros(len(ids), dtype=np.bool_)
    first[np.unique(ids, return_index=True)[1]] = True
    return first


def _merged(starts: NDArray[np.int64], ends: NDArray[np.int64]) -> _Ranges:
    """Return the union of any ranges as sorted ones that neither overlap nor touch."""
    order = np.argsort(starts, kind="stable")
    starts, reach = starts[order], np.maximum.accumulate(ends[order])
    opens = np.flatnonzero(np.concatenate(([True], starts[1:] > reach[:-1])))
    return starts[opens], reach[np.concatenate((opens[1:] - 1, [-1]))]


def _islands(ranges: _Ranges) -> tuple[NDArray[np.int64], int]:
    """Return the number of each range's island, counted from the lowest, and that of the island
    with most ids."""
    starts, ends = ranges
    island_of = np.concatenate(([0], np.cumsum(starts[1:] - ends[:-1] > MAX_JUMP)))
    return island_of, int(np.bincount(island_of, weights=ends - starts).argmax())


def _with_islands_forgotten(ranges: _Ranges) -> _Ranges:
    """Keep the largest island and the highest others, MAX_ISLANDS in all."""
    island_of, largest = _islands(ranges)
    lowest_kept = int(island_of[-1]) + 1 - MAX_ISLANDS
    if largest < lowest_kept:
        lowest_kept += 1
    kept = (island_of >= lowest_kept) | (island_of == largest)
    return ranges[0][kept], ranges[1][kept]


def _with_old_gaps_closed(ranges: _Ranges) -> _Ranges:
    """Keep the newest MAX_GAPS narrow gaps of the largest island and as many of the others; cover
    older ones."""
    starts, ends = ranges
    island_of, largest = _islands(ranges)
    narrow = starts[1:] - ends[:-1] <= MAX_JUMP
    in_largest = island_of[1:] == largest
    kept = np.ones(len(narrow), dtype=np.bool_)
    for gaps in (narrow & in_largest, narrow & ~in_largest):
        kept[np.flatnonzero(gaps)[:-MAX_GAPS]] = False
    return np.concatenate((starts[:1], starts[1:][kept])), np.concatenate((ends[:-1][kept], ends[-1:]))
