"""Packets in a stream of words: ffffffff begins one, fffffffe ends it.

Both are also numbers, -1 and -2, and may be words of a packet. So where the number of words is
known, a begin with an end at the right distance is a packet, whatever is between them; but an end
directly followed by a begin always separates two packets.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

BEGIN: Final = 0xFFFF_FFFF
END: Final = 0xFFFF_FFFE
MOST_WORDS: Final = 256
"""Of a packet. Words after them are ignored until the next begin."""


class Ending(Enum):
    ENDED = "it has its end"
    CUT_OFF = "another packet begins before its end"
    TOO_LONG = f"it has more than {MOST_WORDS} words"
    OPEN = "its end has not come yet"


@dataclass(frozen=True, slots=True)
class Packet:
    first: int
    """Index of its begin."""
    last: int
    """Index of its last word or its end."""
    words: tuple[int, ...]
    ending: Ending


def first_begin(words: NDArray[np.uint32], *, from_the_start: bool) -> int:
    """Return the index from which packets can be recognized. `from_the_start`: `words` start where
    the stream starts."""
    if from_the_start:
        return 0
    # A begin directly after an end is certain. Any other may be a word of a packet that began
    # earlier.
    certain = np.flatnonzero(_separators(words)) + 1
    begins = certain if certain.size else np.flatnonzero(words == BEGIN)
    return int(begins[0]) if begins.size else len(words)


def find_packets(words: NDArray[np.uint32], *, expected: int | None) -> list[Packet]:
    """Return packets in the order of the stream. `expected`: how many words a packet should have,
    if that is known."""
    return list(_packets(words, expected))


def _packets(words: NDArray[np.uint32], expected: int | None) -> Iterator[Packet]:
    begins = np.flatnonzero(words == BEGIN)
    markers = np.flatnonzero(words >= END)
    following = np.append(markers, len(words))[np.searchsorted(markers, begins, side="right")].tolist()
    exact = _has_exact_length(words, begins, expected).tolist()
    free_from = 0
    for place, begin in enumerate(begins.tolist()):
        if begin < free_from:
            continue
        if exact[place] and expected is not None:
            last, ending = begin + expected + 1, Ending.ENDED
        else:
            last, ending = _up_to_marker(words, begin, following[place])
        inner = words[begin + 1 : last if ending is Ending.ENDED else last + 1]
        yield Packet(begin, last, tuple(inner.tolist()), ending)
        free_from = last + 1


def _has_exact_length(
    words: NDArray[np.uint32], begins: NDArray[np.intp], expected: int | None
) -> NDArray[np.bool_]:
    """Return which begins have an end at the right distance, and no separator before it."""
    exact = np.zeros(len(begins), dtype=bool)
    if expected is None:
        return exact
    separators_before = np.append(0, np.cumsum(_separators(words)))
    ends = begins + expected + 1
    inside = ends < len(words)
    begins, ends = begins[inside], ends[inside]
    exact[inside] = (words[ends] == END) & (separators_before[ends] == separators_before[begins])
    return exact


def _separators(words: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Return which words are ends directly followed by a begin."""
    separators: NDArray[np.bool_] = words == END
    separators[:-1] &= words[1:] == BEGIN
    separators[-1:] = False
    return separators


def _up_to_marker(words: NDArray[np.uint32], begin: int, marker: int) -> tuple[int, Ending]:
    """Return the last index of a packet that reaches to the next marker, and how it ends."""
    if marker - begin - 1 > MOST_WORDS:
        return begin + MOST_WORDS + 1, Ending.TOO_LONG
    if marker == len(words):
        return marker - 1, Ending.OPEN
    return (marker, Ending.ENDED) if words[marker] == END else (marker - 1, Ending.CUT_OFF)
