"""New words of packets, and what is stored around them: enough to tell where each packet begins and ends.

A packet may be cut by the end of a report, and its sequel may come first. So the rows beside the new ones are asked, up to the
length of the longest packet, and what is found is a function of the rows that are there, not of the order they came in.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from server.apps.streams import store
from server.lib.formats.packets import MOST_WORDS

BESIDE: Final = MOST_WORDS + 2  # the longest packet, with its begin and its end
MOST_BETWEEN: Final = 20_000
"""Stored rows between the new ones of a stretch that are looked at. More there are only in reports made to be slow."""
_NEIGHBOURS: Final = 4096  # ids further apart than this may get stretches of their own
_MOST_STRETCHES: Final = 8  # of a stream, in one report


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows of one stream, in the order of their ids; between them nothing is stored."""

    stream_key: int
    rows: store.ReadingBatch
    is_new: NDArray[np.bool_]
    from_the_start: bool
    """Nothing is stored before it either."""


def pieces_around(cursor: CursorWrapper, new: store.ReadingBatch) -> list[Piece]:
    """`new`: rows that are about to be stored, of encoded streams. One query."""
    stretches = [
        stretch
        for key in np.unique(new.stream_key).tolist()
        for stretch in _stretches(key, np.unique(new.seq[new.stream_key == key]))
    ]
    known = store.packet_rows(cursor, stretches, beside=BESIDE, most=MOST_BETWEEN)
    pieces: list[Piece] = []
    for key in dict.fromkeys(stretch.stream_key for stretch in stretches):
        of_stream = [stretch for stretch in stretches if stretch.stream_key == key]
        pieces += _pieces(
            key, new.where(new.stream_key == key), known.where(known.stream_key == key), of_stream
        )
    return pieces


def _stretches(key: int, ids: NDArray[np.int64]) -> list[store.Stretch]:
    """Ids that are near each other, so that one that is far off does not make us look at all between."""
    gaps = np.diff(ids)
    far = np.flatnonzero(gaps > _NEIGHBOURS)
    widest = np.sort(far[np.argsort(gaps[far], kind="stable")[::-1][: _MOST_STRETCHES - 1]])
    return [store.Stretch(key, int(part[0]), int(part[-1])) for part in np.split(ids, widest + 1)]


def _pieces(
    key: int, new: store.ReadingBatch, known: store.ReadingBatch, stretches: list[store.Stretch]
) -> Iterator[Piece]:
    ids, first = np.unique(np.concatenate([new.seq, known.seq]), return_index=True)
    rows, is_new = new.followed_by(known).where(first), first < len(new)
    known_ids = np.unique(known.seq)
    for low, high in _merged([_seen(known_ids, stretch) for stretch in stretches]):
        inside = (ids >= low) & (ids <= high)
        yield Piece(key, rows.where(inside), is_new[inside], from_the_start=math.isinf(low))


def _seen(known_ids: NDArray[np.int64], stretch: store.Stretch) -> tuple[float, float]:
    """From which id to which all that is stored is known."""
    below = known_ids[known_ids < stretch.first]
    above = known_ids[known_ids > stretch.last]
    between = known_ids[(known_ids >= stretch.first) & (known_ids <= stretch.last)]
    low = float(below[-BESIDE]) if len(below) >= BESIDE else -math.inf
    high = float(above[BESIDE - 1]) if len(above) >= BESIDE else math.inf
    return low, float(between[MOST_BETWEEN - 1]) if len(between) >= MOST_BETWEEN else high


def _merged(seen: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Ascending, and none touches the next."""
    merged: list[tuple[float, float]] = []
    for low, high in seen:
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged
