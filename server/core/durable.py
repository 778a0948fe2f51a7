"""A cache that forgets nothing before its time: counters of limits, used codes, locks (decision
0014).

Its rows are in the core database. Nothing is culled, and a full or restarted Redis changes nothing
here.
"""

import json
from typing import Any, Final

from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.connection import ConnectionProxy

from server.core import credentials

durable_cache: BaseCache = ConnectionProxy(caches, "durable")  # type: ignore[assignment]  # it passes everything on
_CLEANED_AT_ONCE: Final = 10_000


class DurableEntry(models.Model):
    """The key is a digest: it may be as long as it likes, and the table names no addresses."""

    key = models.CharField(max_length=64, primary_key=True)
    value = models.JSONField()
    expires_on = models.DateTimeField(null=True, help_text="Null: it stays.")

    class Meta:
        app_label = "core"
        indexes = [models.Index("expires_on", name="durable_entry_first_to_go")]

    def __str__(self) -> str:
        return self.key


class DurableCache(BaseCache):
    """Django's cache interface, for values of JSON. `add` is atomic between processes.

    `django.core.cache.backends.db` counts all its rows at each write, to cull them above a number.
    """

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        found = _live().filter(pk=self._row(key, version)).values_list("value", flat=True).first()
        return default if found is None else found

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        _write(_SET, self._row(key, version), value, self._seconds(timeout))

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return _write(_ADD, self._row(key, version), value, self._seconds(timeout))

    def delete(self, key: Any, version: int | None = None) -> bool:
        deleted, _ = DurableEntry.objects.filter(pk=self._row(key, version)).delete()
        return bool(deleted)

    def clear(self) -> None:
        DurableEntry.objects.all().delete()

    def _row(self, key: Any, version: int | None) -> str:
        return credentials.digest(self.make_key(key, version))

    def _seconds(self, timeout: Any) -> float | None:
        seconds: float | None = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return seconds


def clean_durable_entries() -> int:
    """Returns how many entries had expired."""
    expired = DurableEntry.objects.filter(expires_on__lte=Now()).order_by("expires_on")
    deleted, _ = DurableEntry.objects.filter(
        pk__in=expired.values("pk")[:_CLEANED_AT_ONCE], expires_on__lte=Now()
    ).delete()
    return deleted


def _live() -> models.QuerySet[DurableEntry]:
    return DurableEntry.objects.filter(Q(expires_on=None) | Q(expires_on__gt=Now()))


_SET: Final = """
    INSERT INTO core_durableentry (key, value, expires_on)
    VALUES (%s, %s, statement_timestamp() + make_interval(secs => %s))
    ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value, expires_on = EXCLUDED.expires_on
"""
_ADD: Final = f"{_SET} WHERE core_durableentry.expires_on <= statement_timestamp()"


def _write(statement: str, key: str, value: Any, seconds: float | None) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [key, json.dumps(value), seconds])
        return bool(cursor.rowcount)
