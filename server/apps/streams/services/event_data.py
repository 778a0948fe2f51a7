"""The large parts of events: small ones are kept in their rows, the others of one report or request
together in one object.

A file for each event would cost two waits for the disk each, while the reports of all others wait.
"""

import hashlib
import json
import uuid
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any, Final

from server.apps.streams.store.batch import EventData
from server.apps.streams.store.removing import referenced_objects
from server.core.storage import delete_object, put_object

SMALL_BYTES: Final = 2048
"""What is smaller is kept in the row of the event."""


@dataclass(frozen=True, slots=True)
class EventDataPack:
    """Where the large part of each event will be (`places`, in the order of the events), and the
    object of those that are not small."""

    places: tuple[EventData, ...]
    object_key: str = ""
    content: bytes = b""

    def store(self) -> None:
        """Put the object, if there is one. Call it before the events are stored. Raises
        StorageFull, Unavailable."""
        if self.object_key:
            put_object(self.object_key, self.content, overwrite=True)


def pack_event_data(documents: Sequence[Any | None], *, name: str) -> EventDataPack:
    """Arrange documents of JSON, None for events without one. `name`: of the report or request,
    unique among them."""
    return pack_event_texts(
        [None if document is None else json.dumps(document) for document in documents], name=name
    )


def pack_event_texts(texts: Sequence[str | None], *, name: str) -> EventDataPack:
    """Arrange documents that are encoded already, in ASCII."""
    content = "".join(text for text in texts if text is not None and not _is_small(text)).encode()
    if not content:
        return EventDataPack(tuple(EventData(data=text) for text in texts))
    # With a digest, so that other bytes get another key: a later version may write the same
    # document in another way, and the rows that an earlier run stored refer to places in its bytes.
    key = f"events/{name}-{hashlib.sha256(content).hexdigest()[:16]}.json"
    places, start = [], 0
    for text in texts:
        if text is None or _is_small(text):
            places.append(EventData(data=text))
        else:
            places.append(EventData(object_key=key, object_start=start, object_size=len(text)))
            start += len(text)
    return EventDataPack(tuple(places), key, content)


def _is_small(text: str) -> bool:
    return len(text) < SMALL_BYTES  # JSON as Python writes it is ASCII


def delete_event_objects(keys: Set[str], *, of: Sequence[uuid.UUID] = ()) -> None:
    """Delete the objects to which no event refers, other than the given ones, which are being
    deleted. Raises Unavailable."""
    if keys:
        for key in keys - referenced_objects(keys, other_than=of):
            delete_object(key)
