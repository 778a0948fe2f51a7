"""The reading log of a device: what it has measured and is not acknowledged yet."""

from array import array
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from server.lib.formats import Row

CAPACITY: Final = 50_000  # readings
_WORDS: Final = 4  # local variable id, reading id, raw device time, value


class ReadingLog:
    """A ring buffer in the order of reading ids: when it is full, the oldest reading is dropped.

    Stored as plain words, 16 bytes a reading, since ten devices without a server fill ten of these.
    """

    def __init__(self, rows: Iterable[Row] = (), capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._words = array("I")
        for row in rows:
            self.append(row)

    def __len__(self) -> int:
        return len(self._words) // _WORDS

    def __iter__(self) -> Iterator[Row]:
        words = iter(self._words)
        return zip(words, words, words, words, strict=True)

    def append(self, row: Row) -> None:
        """The value is the raw 32-bit word. Raises OverflowError for a number that does not fit."""
        self._words.extend(array("I", row))
        if len(self) > self._capacity:
            del self._words[: _WORDS * (len(self) - self._capacity)]

    def drop(self, is_done: Callable[[Row], bool]) -> None:
        kept = array("I")
        for row in self:
            if not is_done(row):
                kept.extend(row)
        self._words = kept
