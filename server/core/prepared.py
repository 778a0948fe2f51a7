"""Statements that PostgreSQL parses and plans once per connection. For hot paths: where a row or
two are asked for, that takes longer than running them.

With a pooler that assigns sessions by transaction (PgBouncer), set PREPARED_STATEMENTS=false: the
next statement may run in another session, which does not know them.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.conf import settings
from django.db.backends.utils import CursorWrapper

_NAMED: Final = re.compile(r"%\((\w+)\)s")


class Prepared:
    """`sql` has parameters `$1`, `$2`, …; PostgreSQL infers their types."""

    def __init__(self, sql: str) -> None:
        self._sql = sql
        self._name = "fieldline_" + hashlib.sha256(sql.encode()).hexdigest()[:20]

    def bind(self, cursor: CursorWrapper, values: Sequence[Any]) -> str:
        """Returns SQL that runs it on this cursor's connection; other statements may be added to
        it."""
        if not settings.PREPARED_STATEMENTS:
            return str(
                cursor.mogrify(
                    _with_placeholders(self._sql), _in_placeholder_order(self._sql, values)
                ).decode()
            )
        self._prepare(cursor)
        places = ", ".join(["%s"] * len(values))
        return str(cursor.mogrify(f"EXECUTE {self._name}({places})", values).decode())

    def _prepare(self, cursor: CursorWrapper) -> None:
        known: set[str] = cursor.db.prepared
        if self._name in known:
            return
        # Not through Django's cursor: preparing must not count as one of the caller's queries.
        with cursor.db.wrap_database_errors, cursor.db.connection.cursor() as plain:
            plain.execute(f"PREPARE {self._name} AS {self._sql}")
        known.add(self._name)


class PreparedByName:
    """For SQL with parameters like `%(name)s`."""

    def __init__(self, sql: str) -> None:
        self._names = list(dict.fromkeys(_NAMED.findall(sql)))
        numbered = _NAMED.sub(lambda found: f"${self._names.index(found[1]) + 1}", sql)
        self._prepared = Prepared(numbered.replace("%%", "%"))

    def bind(self, cursor: CursorWrapper, values: Mapping[str, Any]) -> str:
        return self._prepared.bind(cursor, [values[name] for name in self._names])


_PLACEHOLDER: Final = re.compile(r"\$(\d+)")


def _with_placeholders(sql: str) -> str:
    return _PLACEHOLDER.sub("%s", sql.replace("%", "%%"))


def _in_placeholder_order(sql: str, values: Sequence[Any]) -> list[Any]:
    return [values[int(number) - 1] for number in _PLACEHOLDER.findall(sql)]
