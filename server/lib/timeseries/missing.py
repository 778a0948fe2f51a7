"""Which reading ids never came."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from server.lib.timeseries.coverage import LAST_ID, MAX_JUMP, Coverage


class Gap(NamedTuple):
    """Reading ids from `first` to `last` that a streamer left out, and how many of them no other streamer brought either."""

    first: int
    last: int
    missing: int
    jump: bool
    """So wide that a damaged id is more likely than so many lost readings: nothing of it counts as missing."""

    @property
    def next_id(self) -> int:
        """The id with which the streamer went on."""
        return self.last + 1


def gaps_of(
    own: Coverage,
    others: Sequence[Coverage] = (),
    *,
    taken: Collection[int] = (),
    sure_up_to: int = LAST_ID,
) -> list[Gap]:
    """What a streamer left out, by growing id. A device counts its readings for all its streamers together, and its reports with
    them: what the `others` of the same device cover and what is `taken` by reports is not missing. What is above `sure_up_to` may
    still come with another streamer. Gaps in which nothing is missing are left out.
    """
    gaps = []
    known = _union(
        [*(each for coverage in others for each in coverage.ranges()), *((n, n + 1) for n in taken)]
    )
    for start, end in own.gaps():
        jump = end - start > MAX_JUMP
        sure = min(end, sure_up_to + 1)
        missing = 0 if jump or sure <= start else sure - start - _overlap(known, start, sure)
        if jump or missing:
            gaps.append(Gap(start, end - 1, missing, jump))
    return gaps


def _union(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Half-open, sorted and apart."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _overlap(ranges: Sequence[tuple[int, int]], start: int, end: int) -> int:
    """Of sorted ranges: only those near are looked at, for there may be one for each report."""
    total = 0
    for at in range(max(0, bisect_left(ranges, (start, start)) - 1), len(ranges)):
        low, high = ranges[at]
        if low >= end:
            break
        total += max(0, min(end, high) - max(start, low))
    return total
