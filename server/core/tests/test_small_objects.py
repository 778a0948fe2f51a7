"""Objects in rows of the core database are read and deleted like those in files."""

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from server.core.small_objects import PREFIX, SmallObject, small_object_statement
from server.core.storage import delete_object, delete_objects, get_object, open_object, put_object

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

KEY = f"{PREFIX}one.bin"
DATA = b"\x00\xff'\\bytes"


def keep(key: str, data: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute(small_object_statement(cursor, key, data))


def test_what_is_kept_comes_back() -> None:
    keep(KEY, DATA)

    assert get_object(KEY) == DATA


def test_it_can_be_read_in_parts() -> None:
    keep(KEY, DATA)

    with open_object(KEY) as file:
        file.seek(1)
        assert file.read(1) == b"\xff"


def test_what_is_deleted_is_gone() -> None:
    keep(KEY, DATA)

    delete_object(KEY)

    with pytest.raises(FileNotFoundError):
        get_object(KEY)
    with pytest.raises(FileNotFoundError):
        open_object(KEY)


def test_many_go_in_one_query_and_files_with_them(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    keys = [f"{PREFIX}{number}.bin" for number in range(20)]
    for key in keys:
        keep(key, DATA)
    put_object("test-small/file.bin", DATA)

    with django_assert_num_queries(1):
        delete_objects([*keys, "test-small/file.bin", f"{PREFIX}never.bin"])

    assert not SmallObject.objects.exists()
    with pytest.raises(FileNotFoundError):
        get_object("test-small/file.bin")
