"""Which reading ids of a streamer have been dealt with: the base of "new" and "seen before".

A report covers everything from its lowest to its highest id, for the ids between went to other streamers. Two things
must not follow from that: a set that grows with every gap, and a device silenced forever by one damaged or forged id far
above the true ones. Hence three rules:

1. Between two neighbouring ids of one report that are more than MAX_JUMP apart nothing is covered.
2. A gap of at most MAX_JUMP ids is *narrow*. When there are too many, the oldest (lowest) close: readings that late are
   taken for seen. A wider gap never closes, so an id far above the rest takes no id below it along.
3. Wide gaps part the set into *islands*. When there are more than MAX_ISLANDS, the lowest is forgotten, but never the one
   with most ids. A forgotten island is no longer covered: a report from it that comes once more counts as new again, and the
   keys of the stored readings have to catch it. Repeating is the lesser evil; silencing is not repairable.

The narrow gaps of the largest island, which is the device's own on any device that works, are counted apart from those of all
others, so that islands made of forged ids cannot use up its MAX_GAPS. Thus there are never more than MAX_RANGES ranges.
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
        """Read PostgreSQL's text of an int8multirange. CoverageError for anything that `str` does not write."""
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
        """PostgreSQL's text of the int8multirange: `{[1,5),[9,12)}`."""
        return "{" + ",".join(f"[{start},{end})" for start, end in self.ranges()) + "}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Coverage):
            return NotImplemented
        return np.array_equal(self.starts, other.starts) and np.array_equal(self.ends, other.ends)

    def __hash__(self) -> int:
        return hash((self.starts.tobytes(), self.ends.tobytes()))

    def ranges(self) -> tuple[tuple[int, int], ...]:
        """The covered ids as half-open ranges."""
        return tuple(zip(self.starts.tolist(), self.ends.tolist(), strict=True))

    def gaps(self) -> tuple[tuple[int, int], ...]:
        """What is not covered between the first and the last covered id, as half-open ranges."""
        return tuple(zip(self.ends[:-1].tolist(), self.starts[1:].tolist(), strict=True))

    def is_new(self, ids: NDArray[np.integer]) -> NDArray[np.bool_]:
        """For each id whether it is seen for the first time: not covered, and not already further left in `ids`.

        What is no id (0, or more than 32 bits) is never new.
        """
        wide = ids.astype(np.int64)
        new = (wide >= 1) & (wide <= LAST_ID) & _is_first(wide)
        if len(self.starts):
            at = np.searchsorted(self.starts, wide, side="right") - 1
            new &= (at < 0) | (wide >= self.ends[at])
        return new

    def with_report(self, ids: NDArray[np.integer]) -> Coverage:
        """This set and what a report with these readings covers, in any order; see the rules of this module."""
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
    """Whether ids are sorted and all different, as devices send them; then there is nothing to sort."""
    return bool((ids[1:] > ids[:-1]).all())


def _is_first(ids: NDArray[np.int64]) -> NDArray[np.bool_]:
    """For each id whether the same id is nowhere further left."""
    if _is_ascending(ids):
        return np.ones(len(ids), dtype=np.bool_)
    first = np.zeros(len(ids), dtype=np.bool_)
    first[np.unique(ids, return_index=True)[1]] = True
    return first


def _merged(starts: NDArray[np.int64], ends: NDArray[np.int64]) -> _Ranges:
    """Any ranges as sorted ones that neither overlap nor touch."""
    order = np.argsort(starts, kind="stable")
    starts, reach = starts[order], np.maximum.accumulate(ends[order])
    opens = np.flatnonzero(np.concatenate(([True], starts[1:] > reach[:-1])))
    return starts[opens], reach[np.concatenate((opens[1:] - 1, [-1]))]


def _islands(ranges: _Ranges) -> tuple[NDArray[np.int64], int]:
    """For each range the number of its island, counted from the lowest; and the number of the one with most ids."""
    starts, ends = ranges
    island_of = np.concatenate(([0], np.cumsum(starts[1:] - ends[:-1] > MAX_JUMP)))
    return island_of, int(np.bincount(island_of, weights=ends - starts).argmax())


def _with_islands_forgotten(ranges: _Ranges) -> _Ranges:
    """The largest island and the highest others, together MAX_ISLANDS."""
    island_of, largest = _islands(ranges)
    lowest_kept = int(island_of[-1]) + 1 - MAX_ISLANDS
    if largest < lowest_kept:
        lowest_kept += 1
    kept = (island_of >= lowest_kept) | (island_of == largest)
    return ranges[0][kept], ranges[1][kept]


def _with_old_gaps_closed(ranges: _Ranges) -> _Ranges:
    """The newest MAX_GAPS narrow gaps of the largest island and as many of the others; older ones are covered."""
    starts, ends = ranges
    island_of, largest = _islands(ranges)
    narrow = starts[1:] - ends[:-1] <= MAX_JUMP
    in_largest = island_of[1:] == largest
    kept = np.ones(len(narrow), dtype=np.bool_)
    for gaps in (narrow & in_largest, narrow & ~in_largest):
        kept[np.flatnonzero(gaps)[:-MAX_GAPS]] = False
    return np.concatenate((starts[:1], starts[1:][kept])), np.concatenate((ends[:-1][kept], ends[-1:]))
