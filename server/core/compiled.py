"""Querysets of hot paths, compiled to SQL once: building the same SQL again costs more than PostgreSQL needs to answer it."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, Final, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)

EXAMPLES: Final = (1_111_111_111, 1_222_222_222)
"""Numbers that no query of ours has a reason to contain, to compile with."""


class CompiledQuery:
    """`build` makes a `values_list` queryset. Arguments stand wherever the examples stood, so choose examples that nothing
    else in the query equals.

    >>> names = CompiledQuery(lambda pk: Thing.objects.filter(pk=pk).values_list("name"), EXAMPLES[0])
    >>> names.rows(7)
    [("kettle",)]

    For column types that PostgreSQL's driver hands over as they are (all of ours); a queryset that needs Django's converters
    must stay one.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], *examples: object) -> None:
        self._build = build
        self._examples = examples

    @cached_property
    def _statement(self) -> tuple[str, tuple[Any, ...], dict[int, int]]:
        """The SQL, its parameters, and which of them (by place) is which argument."""
        sql, parameters = self._build(*self._examples).query.sql_with_params()
        places = {
            place: self._examples.index(parameter)
            for place, parameter in enumerate(parameters)
            if parameter in self._examples
        }
        if set(places.values()) != set(range(len(self._examples))):
            raise ValueError(f"Not every one of {self._examples} is a parameter of {sql} {parameters}")
        return sql, parameters, places

    def rows(self, *arguments: Any) -> list[tuple[Any, ...]]:
        sql, parameters, places = self._statement
        values = [
            arguments[places[place]] if place in places else value for place, value in enumerate(parameters)
        ]
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


class CompiledInsert(Generic[M]):
    """A new row from an unsaved object whose primary key is set; what `save(force_insert=True)` does, for a third of its time."""

    def __init__(self, model: type[M]) -> None:
        self._fields = model._meta.concrete_fields
        columns = ", ".join(f'"{field.column}"' for field in self._fields)
        places = ", ".join(["%s"] * len(self._fields))
        self._sql = f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({places})'

    def run(self, row: M) -> None:
        values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in self._fields]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, values)


class CompiledLookup(Generic[M]):
    """One object by a queryset of whole rows, or None."""

    def __init__(self, model: type[M], build: Callable[..., QuerySet[M]], *examples: object) -> None:
        self._model = model
        self._names = [field.attname for field in model._meta.concrete_fields]
        names = self._names
        self._query = CompiledQuery(lambda *args: build(*args).order_by().values_list(*names), *examples)

    def first(self, *arguments: Any) -> M | None:
        rows = self._query.rows(*arguments)
        return self._model.from_db(DEFAULT_DB_ALIAS, self._names, rows[0]) if rows else None
