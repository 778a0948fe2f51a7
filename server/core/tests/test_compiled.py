"""Querysets compiled once: the same answers as the querysets they come from."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, connection, transaction
from django.db.models import FilteredRelation, Model, Q, QuerySet
from django.db.models.functions import Length
from pytest_django import DjangoAssertNumQueries

from server.core.compiled import (
    EXAMPLES,
    CompiledInsert,
    CompiledLookup,
    CompiledPairLookup,
    CompiledQuery,
    CompiledUpdate,
)
from server.core.queue.models import JobLog

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

FIRST, SECOND = EXAMPLES


def names(pk: int) -> QuerySet[ContentType, Any]:
    return ContentType.objects.filter(pk=pk).values_list("app_label", "model")


def thing(name: str) -> ContentType:
    return ContentType.objects.create(app_label="kitchen", model=name)


def insert(row: Model) -> None:
    with connection.cursor() as cursor:
        cursor.execute(CompiledInsert(type(row)).bind(cursor, row))


def test_rows_are_those_of_the_queryset() -> None:
    kettle, _ = thing("kettle"), thing("pot")
    query = CompiledQuery(names, FIRST)

    assert query.rows(kettle.pk) == list(names(kettle.pk)) == [("kitchen", "kettle")]


def test_one_compiled_query_answers_for_different_arguments() -> None:
    kettle, pot = thing("kettle"), thing("pot")
    query = CompiledQuery(names, FIRST)

    assert [query.rows(kettle.pk), query.rows(pot.pk)] == [[("kitchen", "kettle")], [("kitchen", "pot")]]


def test_nothing_found_is_an_empty_list() -> None:
    assert CompiledQuery(names, FIRST).rows(0) == []


def test_a_query_costs_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    query = CompiledQuery(names, FIRST)

    with django_assert_num_queries(1):
        query.rows(1)


def test_an_argument_stands_wherever_its_example_stood() -> None:
    kettle, pot, pan = thing("kettle"), thing("pot"), thing("pan")
    query = CompiledQuery(
        lambda first, second: (
            ContentType.objects.filter(pk__in=[second, first]).exclude(pk=first).values_list("model")
        ),
        *EXAMPLES,
    )

    assert query.rows(kettle.pk, pot.pk) == [("pot",)]
    assert query.rows(pan.pk, kettle.pk) == [("kettle",)]


def test_parameters_that_are_no_arguments_stay_as_they_are() -> None:
    kettle = thing("kettle")
    query = CompiledQuery(
        lambda pk: (
            ContentType.objects.annotate(size=Length("model")).filter(pk=pk, size=6).values_list("model")
        ),
        FIRST,
    )

    assert query.rows(kettle.pk) == [("kettle",)]


def test_an_example_that_is_no_parameter_is_refused() -> None:
    query = CompiledQuery(lambda pk, unused: names(pk), *EXAMPLES)

    with pytest.raises(ValueError, match=str(SECOND)):
        query.rows(1, 2)


def test_a_lookup_gives_the_whole_object_as_saved() -> None:
    kettle = thing("kettle")
    lookup = CompiledLookup(ContentType, lambda pk: ContentType.objects.filter(pk=pk), FIRST)

    found = lookup.first(kettle.pk)

    assert found == kettle
    assert found is not None
    assert (found.app_label, found.model, found._state.adding, found._state.db) == (
        *("kitchen", "kettle"),
        *(False, "default"),
    )


def test_a_lookup_that_finds_nothing_gives_none() -> None:
    lookup = CompiledLookup(ContentType, lambda pk: ContentType.objects.filter(pk=pk), FIRST)

    assert lookup.first(0) is None


def test_an_insert_saves_the_whole_object() -> None:
    row = JobLog(
        id=7,
        message_id="1",
        action="test",
        arguments={"a": [1, None, "\u00fc"]},
        attempt=1,
        outcome="done",
        duration_ms=1.5,
        finished_on=datetime(2021, 6, 1, tzinfo=UTC),
    )

    insert(row)

    saved = JobLog.objects.get(pk=7)
    assert (saved.action, saved.arguments, saved.duration_ms) == ("test", row.arguments, 1.5)
    assert saved.finished_on == row.finished_on


def test_an_insert_that_violates_a_constraint_raises() -> None:
    kettle = thing("kettle")

    with pytest.raises(IntegrityError), transaction.atomic():
        insert(ContentType(id=kettle.pk, app_label="kitchen", model="other"))


def test_an_update_changes_the_named_fields_of_one_row(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    kettle, pot = thing("kettle"), thing("pot")
    update = CompiledUpdate(ContentType, "model")

    with django_assert_num_queries(1):
        update.run(kettle.pk, "teapot")

    assert list(
        ContentType.objects.filter(pk__in=[kettle.pk, pot.pk])
        .order_by("pk")
        .values_list("model", "app_label")
    ) == [
        ("teapot", "kitchen"),
        ("pot", "kitchen"),
    ]


def test_a_lookup_brings_related_objects_without_another_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    permission = Permission.objects.create(name="boil", codename="boil", content_type=thing("kettle"))
    lookup = CompiledLookup(
        Permission, lambda pk: Permission.objects.filter(pk=pk), FIRST, related=("content_type",)
    )

    with django_assert_num_queries(1):
        found = lookup.first(permission.pk)
        assert found is not None
        assert (found.codename, found.content_type.model) == ("boil", "kettle")


def test_a_lookup_relates_by_foreign_keys_only() -> None:
    with pytest.raises(TypeError, match="codename is no foreign key"):
        CompiledLookup(Permission, lambda pk: Permission.objects.filter(pk=pk), FIRST, related=("codename",))


def with_permission(name: str, codename: str) -> QuerySet[ContentType]:
    related = FilteredRelation("permission", condition=Q(permission__codename=codename))
    return ContentType.objects.filter(model=name).annotate(related=related)


def test_a_pair_is_found_in_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    kettle = thing("kettle")
    boil, _ = [Permission.objects.create(content_type=kettle, codename=name) for name in ("boil", "pour")]
    lookup = CompiledPairLookup(ContentType, Permission, with_permission, "example-a", "example-b")
    lookup.first("", "")  # is compiled

    with django_assert_num_queries(1):
        found = lookup.first("kettle", "boil")

    assert found == (kettle, boil)


@pytest.mark.parametrize("codename", ["fly", ""])
def test_a_pair_may_lack_its_other_half(codename: str) -> None:
    kettle = thing("kettle")
    Permission.objects.create(content_type=kettle, codename="boil")
    lookup = CompiledPairLookup(ContentType, Permission, with_permission, "example-a", "example-b")

    assert lookup.first("kettle", codename) == (kettle, None)
    assert lookup.first("toaster", "boil") is None
