"""Raw words by the ids of their readings."""

from collections.abc import Sequence

from server.apps.streams import store
from server.apps.streams.store import Word

__all__ = ["Word", "words_after"]


def words_after(stream_keys: Sequence[int], *, after_id: int, most: int) -> list[Word]:
    """The last ones by id that are above `after_id`, of streams with few readings. Raises Unavailable."""
    return store.words_after(stream_keys, after_id=after_id, most=most)
