"""Querysets of hot paths, compiled to SQL once: building the same SQL again costs more than PostgreSQL needs to answer it."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import QuerySet


class CompiledQuery:
    """`build` makes a `values_list` queryset from arguments that each occur once in the SQL, in this order.

    >>> names = CompiledQuery(lambda pk: Thing.objects.filter(pk=pk).values_list("name"), 1)
    >>> names.rows(7)
    [("kettle",)]

    For column types that PostgreSQL's driver hands over as they are (all of ours); a queryset that needs Django's converters
    must stay one.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], *examples: object) -> None:
        self._build = build
        self._examples = examples

    @cached_property
    def sql(self) -> str:
        sql, parameters = self._build(*self._examples).query.sql_with_params()
        if parameters != self._examples:
            raise ValueError(f"The query has the parameters {parameters} for the arguments {self._examples}: {sql}")
        return sql

    def rows(self, *arguments: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(self.sql, arguments)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
