"""Reading ids that are missing."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from server.lib.timeseries.coverage import LAST_ID, MAX_JUMP, Coverage


class Gap(NamedTuple):
    """Reading ids from `first` to `last` (inclusive) that a streamer left out; `missing` of them
    came with no other streamer either."""

    first: int
    last: int
    missing: int
    jump: bool
    """So wide that a damaged id is more likely than so many lost readings; none of it counts as
    missing."""

    @property
    def next_id(self) -> int:
        """The id with which the streamer continued."""
        return self.last + 1


def gaps_of(
    own: Coverage,
    others: Sequence[Coverage] = (),
    *,
    taken: Collection[int] = (),
    complete_up_to: int = LAST_ID,
) -> list[Gap]:
    """Return the gaps of a streamer in which ids are missing, ascending.

    A device has one counter for the readings of all its streamers and for its reports: what the
    `others` of the same device cover, and what is `taken` by reports, is not missing. Ids above
    `complete_up_to` may still come with another streamer.
    """
    gaps = []
    known = _union(
        [*(each for coverage in others for each in coverage.ranges()), *((n, n + 1) for n in taken)]
    )
    for start, end in own.gaps():
        jump = end - start > MAX_JUMP
        sure = min(end, complete_up_to + 1)
        missing = 0 if jump or sure <= start else sure - start - _overlap(known, start, sure)
        if jump or missing:
            gaps.append(Gap(start, end - 1, missing, jump))
    return gaps


def _union(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the union of half-open ranges, sorted and disjoint."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _overlap(ranges: Sequence[tuple[int, int]], start: int, end: int) -> int:
    """Count the ids of [start, end) that are in sorted ranges, reading only the nearby ones: there
    may be one for each report."""
    total = 0
    for at in range(max(0, bisect_left(ranges, (start, start)) - 1), len(ranges)):
        low, high = ranges[at]
        if low >= end:
            break
        total += max(0, min(end, high) - max(start, low))
    return total
