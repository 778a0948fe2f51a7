"""Raw words of readings by reading id."""

from collections.abc import Sequence

from server.apps.streams.store import numbered
from server.apps.streams.store.numbered import RawWord

__all__ = ["RawWord", "words_after"]


def words_after(stream_keys: Sequence[int], *, after_id: int, most: int) -> list[RawWord]:
    """Return the last `most` words with ids above `after_id`, of streams with few readings. Raises Unavailable."""
    return numbered.words_after(stream_keys, after_id=after_id, most=most)
