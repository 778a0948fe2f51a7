"""Querysets of hot paths, compiled to SQL once: building the SQL each time costs more than
PostgreSQL needs to answer it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Field, ForeignKey, Model, QuerySet
from psycopg2.extensions import AsIs

from server.core.prepared import Prepared

M = TypeVar("M", bound=Model)
N = TypeVar("N", bound=Model)

EXAMPLES: Final = (1_111_111_111, 1_222_222_222)
"""Placeholder arguments to compile with: numbers that no query of ours contains."""


class CompiledQuery:
    """A `values_list` queryset, built by `build` from example arguments. Arguments replace the
    examples wherever these stood, so choose examples that nothing else in the query equals.

    >>> names = CompiledQuery(
    ...     lambda pk: Thing.objects.filter(pk=pk).values_list("name"), EXAMPLES[0]
    ... )
    >>> names.rows(7)
    [("kettle",)]

    For column types that the driver returns unconverted (all of ours); a queryset that needs
    Django's converters must stay one.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], *examples: object) -> None:
        self._build = build
        self._examples = examples

    @cached_property
    def _statement(self) -> Prepared:
        sql, parameters = self._build(*self._examples).query.sql_with_params()
        if not set(self._examples) <= {value for value in parameters if value.__hash__ is not None}:
            raise ValueError(f"Not every one of {self._examples} is a parameter of {sql} {parameters}")
        written = [
            AsIs(f"${self._examples.index(value) + 1}") if value in self._examples else value
            for value in parameters
        ]
        with connection.cursor() as cursor:
            return Prepared(cursor.mogrify(sql, written).decode())

    def rows(self, *arguments: Any) -> list[tuple[Any, ...]]:
        statement = self._statement
        with connection.cursor() as cursor:
            cursor.execute(statement.bind(cursor, arguments))
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


class CompiledInsert(Generic[M]):
    """Insert an unsaved object whose primary key is set, as `save(force_insert=True)` does, in a
    third of the time."""

    def __init__(self, model: type[M]) -> None:
        self._fields = model._meta.concrete_fields
        columns = ", ".join(f'"{field.column}"' for field in self._fields)
        places = ", ".join(f"${number}" for number in range(1, len(self._fields) + 1))
        self._statement = Prepared(f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({places})')

    def bind(self, cursor: CursorWrapper, row: M) -> str:
        """Returns the SQL with its values, for a caller that sends it together with another
        statement."""
        values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in self._fields]
        return self._statement.bind(cursor, values)


class CompiledLookup(Generic[M]):
    """Find one object, or None, by a queryset of whole rows.

    `related`: paths of foreign keys whose objects come with it, parents first. Fields that need
    Django's converters (JSON) are deferred in them.
    """

    def __init__(
        self,
        model: type[M],
        build: Callable[..., QuerySet[M]],
        *examples: object,
        related: Sequence[str] = (),
    ) -> None:
        self._model = model
        self._names = _columns_of(model)
        self._related = [_Related.at(model, path) for path in related]
        names = [*self._names, *(name for each in self._related for name in each.columns)]
        self._query = CompiledQuery(lambda *args: build(*args).order_by().values_list(*names), *examples)

    def first(self, *arguments: Any) -> M | None:
        rows = self._query.rows(*arguments)
        if not rows:
            return None
        own = len(self._names)
        found = self._model.from_db(DEFAULT_DB_ALIAS, self._names, rows[0][:own])
        objects: dict[str, Model | None] = {"": found}
        values = rows[0][own:]
        for each in self._related:
            objects[each.path] = each.attach(objects[each.parent], values[: len(each.names)])
            values = values[len(each.names) :]
        return found


@dataclass(frozen=True, slots=True)
class _Related:
    path: str
    parent: str
    field: ForeignKey[Any]
    names: Sequence[str]

    @classmethod
    def at(cls, model: type[Model], path: str) -> "_Related":
        parent, _, name = path.rpartition("__")
        for step in filter(None, parent.split("__")):
            model = _foreign_key(model, step).related_model
        field = _foreign_key(model, name)
        fields: Sequence[Any] = field.related_model._meta.concrete_fields
        plain = [each.attname for each in fields if not hasattr(each, "from_db_value")]
        return cls(path, parent, field, plain)

    @property
    def columns(self) -> list[str]:
        return [f"{self.path}__{name}" for name in self.names]

    def attach(self, parent: Model | None, values: Sequence[Any]) -> Model | None:
        if parent is None:
            return None
        missing = getattr(parent, self.field.attname) is None
        related = None if missing else self.field.related_model.from_db(DEFAULT_DB_ALIAS, self.names, values)
        self.field.set_cached_value(parent, related)
        return related


def _foreign_key(model: type[Model], name: str) -> ForeignKey[Any]:
    field = model._meta.get_field(name)
    if not isinstance(field, ForeignKey):
        raise TypeError(f"{name} is no foreign key")
    return field


class CompiledPairLookup(Generic[M, N]):
    """Find one object together with an object that refers to it, in one round trip.

    `build` returns a queryset of the first model with the other one as a `FilteredRelation`, named
    `related`, that has at most one row.
    """

    def __init__(
        self, model: type[M], other: type[N], build: Callable[..., QuerySet[M]], *examples: object
    ) -> None:
        self._models = model, other
        self._names, self._other_names = _columns_of(model), _columns_of(other)
        names = [*self._names, *(f"related__{name}" for name in self._other_names)]
        self._query = CompiledQuery(lambda *args: build(*args).order_by().values_list(*names), *examples)

    def first(self, *arguments: Any) -> tuple[M, N | None] | None:
        rows = self._query.rows(*arguments)
        if not rows:
            return None
        model, other = self._models
        values, others = rows[0][: len(self._names)], rows[0][len(self._names) :]
        found = model.from_db(DEFAULT_DB_ALIAS, self._names, values)
        # The other one's primary key is its first column, and is null where there is no row.
        return found, None if others[0] is None else other.from_db(
            DEFAULT_DB_ALIAS, self._other_names, others
        )


def _columns_of(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


class CompiledUpdate(Generic[M]):
    """Update some fields of one row, by its primary key.

    The commit does not wait for the disk, so a crash of the database may lose it. Use it for the
    last write of a job: the queue acknowledges after it, and what is lost together with the
    acknowledgement is done again.
    """

    def __init__(self, model: type[M], *names: str) -> None:
        fields = [model._meta.pk, *map(model._meta.get_field, names)]
        self._fields = [field for field in fields if isinstance(field, Field)]
        columns = ", ".join(f'"{field.column}" = ${place}' for place, field in enumerate(self._fields[1:], 2))
        table, key = model._meta.db_table, self._fields[0].column
        self._statement = Prepared(f'UPDATE "{table}" SET {columns} WHERE "{key}" = $1')

    def run(self, pk: object, *values: object) -> None:
        bound = [
            field.get_db_prep_save(value, connection)
            for field, value in zip(self._fields, (pk, *values), strict=True)
        ]
        with connection.cursor() as cursor:
            cursor.execute(f"{_NEED_NOT_REACH_THE_DISK};{self._statement.bind(cursor, bound)}")


_NEED_NOT_REACH_THE_DISK: Final = "SELECT set_config('synchronous_commit', 'off', true)"
