"""New words of packets with the stored words around them: enough to find where each packet begins
and ends."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from server.apps.streams.store.batch import ReadingBatch
from server.apps.streams.store.numbered import StreamIdRange, packet_rows
from server.lib.formats.packets import MOST_WORDS

BESIDE: Final = MOST_WORDS + 2  # the longest packet, with its begin and its end
MOST_BETWEEN: Final = 20_000
"""Stored rows that are read between the new ones of a range. Only reports made to be slow have
more."""
_NEIGHBOURS: Final = 4096  # ids further apart than this may get ranges of their own
_MOST_RANGES: Final = 8  # of a stream, in one report


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows of one stream in the order of their ids, with nothing stored between them that is not
    here."""

    stream_key: int
    rows: ReadingBatch
    is_new: NDArray[np.bool_]
    from_the_start: bool
    """Whether nothing is stored before it."""


def pieces_around(cursor: CursorWrapper, new: ReadingBatch) -> list[Piece]:
    """Return the pieces around rows of encoded streams that are about to be stored. One query."""
    ranges = [
        id_range
        for key in np.unique(new.stream_key).tolist()
        for id_range in _id_ranges(key, np.unique(new.reading_id[new.stream_key == key]))
    ]
    # A packet may be cut by the end of a report, and its sequel may come first. So the rows beside
    # the new ones are read, up to the length of the longest packet: what is found depends on the
    # rows that are there, not on the order they came in.
    known = packet_rows(cursor, ranges, beside=BESIDE, most=MOST_BETWEEN)
    pieces: list[Piece] = []
    for key in dict.fromkeys(id_range.stream_key for id_range in ranges):
        of_stream = [id_range for id_range in ranges if id_range.stream_key == key]
        pieces += _pieces(
            key, new.where(new.stream_key == key), known.where(known.stream_key == key), of_stream
        )
    return pieces


def _id_ranges(key: int, ids: NDArray[np.int64]) -> list[StreamIdRange]:
    """Group ids that are near each other, so that a distant one does not cause everything in
    between to be read."""
    gaps = np.diff(ids)
    far = np.flatnonzero(gaps > _NEIGHBOURS)
    widest = np.sort(far[np.argsort(gaps[far], kind="stable")[::-1][: _MOST_RANGES - 1]])
    return [StreamIdRange(key, int(part[0]), int(part[-1])) for part in np.split(ids, widest + 1)]


def _pieces(key: int, new: ReadingBatch, known: ReadingBatch, ranges: list[StreamIdRange]) -> Iterator[Piece]:
    ids, first = np.unique(np.concatenate([new.reading_id, known.reading_id]), return_index=True)
    rows, is_new = new.followed_by(known).where(first), first < len(new)
    known_ids = np.unique(known.reading_id)
    for low, high in _merge([_known_range(known_ids, id_range) for id_range in ranges]):
        inside = (ids >= low) & (ids <= high)
        yield Piece(key, rows.where(inside), is_new[inside], from_the_start=math.isinf(low))


def _known_range(known_ids: NDArray[np.int64], id_range: StreamIdRange) -> tuple[float, float]:
    """Return between which ids everything that is stored has been read."""
    below = known_ids[known_ids < id_range.first]
    above = known_ids[known_ids > id_range.last]
    between = known_ids[(known_ids >= id_range.first) & (known_ids <= id_range.last)]
    low = float(below[-BESIDE]) if len(below) >= BESIDE else -math.inf
    high = float(above[BESIDE - 1]) if len(above) >= BESIDE else math.inf
    return low, float(between[MOST_BETWEEN - 1]) if len(between) >= MOST_BETWEEN else high


def _merge(seen: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Merge overlapping ranges; ascending."""
    merged: list[tuple[float, float]] = []
    for low, high in seen:
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged
