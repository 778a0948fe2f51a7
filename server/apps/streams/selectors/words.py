"""Raw words by the ids of their readings."""

from collections.abc import Sequence

from server.apps.streams.store import numbered
from server.apps.streams.store.numbered import RawWord

__all__ = ["RawWord", "words_after"]


def words_after(stream_keys: Sequence[int], *, after_id: int, most: int) -> list[RawWord]:
    """The last ones by id that are above `after_id`, of streams with few readings. Raises Unavailable."""
    return numbered.words_after(stream_keys, after_id=after_id, most=most)
