"""Real commits, for tests in which several connections or processes must see each other's rows."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

BUILT_IN: Final = {
    *("django_migrations", "django_content_type", "auth_permission"),
    *("streams_vartype", "streams_vartypeinputunit", "streams_vartypeoutputunit"),
    *("streams_vartypedecoder", "streams_vartypeschema"),
}
"""Tables that migrations fill. pytest-django's own transactional tests would empty them for all
tests that come after."""

_NOBODYS: Final = "created_by_id IS NULL AND org_id IS NULL"
_IN_GRAPHS: Final = f"sg_id IN (SELECT id FROM devices_sensorgraph WHERE {_NOBODYS})"
BUILT_IN_ROWS: Final = {
    "accounts_orgtemplate": "created_by_id IS NULL",
    "devices_component": _NOBODYS,
    "devices_configname": "created_by_id IS NULL",
    "devices_deviceslot": f"template_id IN (SELECT id FROM devices_devicetemplate WHERE {_NOBODYS})",
    "devices_devicetemplate": _NOBODYS,
    "devices_projecttemplate": _NOBODYS,
    "devices_sensorgraph": _NOBODYS,
    "streams_displaywidgettemplate": _IN_GRAPHS,
    "streams_variabletemplate": _IN_GRAPHS,
}
"""Tables that have rows of migrations besides those of tests, and a condition for the former."""

APPEND_ONLY: Final = {"activity_securityevent"}
"""Tables with a trigger that refuses to delete."""


@pytest.fixture(name="_django_db_helper")
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Both databases, empty but for the built-in rows; emptied again in the end.

    It stands in for what pytest-django puts behind the mark `django_db` and the fixture `db`: a
    module that imports it gets real commits, and so does the cast of the root `conftest.py` there.
    """
    with django_db_blocker.unblock():
        _empty_databases()
        yield
        for connection in connections.all():
            connection.close()  # whatever a failed test left open
        _empty_databases()


def _empty_databases() -> None:
    for connection in connections.all():
        name = str(connection.settings_dict["NAME"])
        if not name.startswith("test_"):
            raise RuntimeError(f"{name} is not a test's: mark the test with all databases.")
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT relname, relispartition FROM pg_class
                WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
                """
            )
            found = dict(cursor.fetchall())
            months = [name for name, part in found.items() if part and not name.endswith("_default")]
            tables = [name for name, part in found.items() if not part and name not in BUILT_IN]
            # DELETE and not TRUNCATE, which makes new files. Foreign keys are checked at the end of
            # the transaction.
            cursor.execute(";".join([*(f"DROP TABLE {name}" for name in months), *map(_emptied, tables)]))


def _emptied(table: str) -> str:
    if table in APPEND_ONLY:
        return f"ALTER TABLE {table} DISABLE TRIGGER USER; DELETE FROM {table}; ALTER TABLE {table} ENABLE TRIGGER USER"
    kept = BUILT_IN_ROWS.get(table)
    return f"DELETE FROM {table}" + (f" WHERE NOT ({kept})" if kept else "")


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """The results of calls that run at the same time, each in a thread with connections of its own.

    An error is a result too: which of two calls comes first is for the test to find out.
    """
    start = threading.Barrier(len(calls), timeout=30)

    def run(call: Callable[[], Any]) -> Any:
        try:
            start.wait()
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        futures = [pool.submit(run, call) for call in calls]
    return [_outcome(future) for future in futures]


def _outcome(future: "Future[Any]") -> Any:
    return future.exception() or future.result()
