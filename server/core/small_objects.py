"""Objects of a few kilobytes, kept as rows of the core database (decision 0015).

A file on the disk takes two waits for it, of its own, and a block of 4 kB; a row is written with
the transaction that refers to it. `server.core.storage` reads and deletes both kinds by their key.
"""

from collections.abc import Iterable
from typing import Final

from django.db import models
from django.db.backends.utils import CursorWrapper

from server.core.compiled import CompiledInsert

PREFIX: Final = "small/"


class SmallObject(models.Model):
    key = models.CharField(max_length=160, primary_key=True)
    content = models.BinaryField()

    class Meta:
        app_label = "core"

    def __str__(self) -> str:
        return self.key


_INSERT: Final = CompiledInsert(SmallObject)


def is_small(key: str) -> bool:
    return key.startswith(PREFIX)


def small_object_statement(cursor: CursorWrapper, key: str, data: bytes) -> str:
    """Returns the SQL that stores it under a key that was never used, for a caller that runs it
    together with the statement that refers to it."""
    return _INSERT.bind(cursor, SmallObject(key=key, content=data))


def find_small_object(key: str) -> bytes | None:
    found = SmallObject.objects.filter(pk=key).values_list("content", flat=True).first()
    return None if found is None else bytes(found)


def delete_small_objects(keys: Iterable[str]) -> None:
    SmallObject.objects.filter(pk__in=list(keys)).delete()
