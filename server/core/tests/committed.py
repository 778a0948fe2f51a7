"""Real commits, for tests in which several connections or processes must see each other's rows."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Final, TypeVar

import pytest
from django.db import connections, transaction
from pytest_django import DjangoDbBlocker

T = TypeVar("T")

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
        start.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        futures = [pool.submit(_with_own_connections, partial(run, call)) for call in calls]
    return [_outcome(future) for future in futures]


def overlapping(first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Any, Any]:
    """The results of `first`, and of `second`, which starts when all of `first` has run and none of
    it is committed.

    `first` is committed as soon as `second` waits for one of its locks, or has ended without. An
    error of `second` is a result too. Unlike with `at_once` the outcome does not depend on who is
    faster, so a missing lock fails the test every time.
    """
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        result = first()
        future = pool.submit(_with_own_connections, second)
        _until_waiting_or_done(future)
    return result, _outcome(future)


def _with_own_connections(call: Callable[[], Any]) -> Any:
    try:
        return call()
    finally:
        connections.close_all()


def _until_waiting_or_done(future: "Future[Any]") -> None:
    deadline, pause = time.monotonic() + 30, threading.Event()
    while not future.done() and not _is_waited_for():
        assert time.monotonic() < deadline, "It neither ends nor waits."
        pause.wait(0.01)


def _is_waited_for() -> bool:
    """Whether somebody waits for a lock of this thread's connection."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])


def _outcome(future: "Future[Any]") -> Any:
    return future.exception() or future.result()


def in_a_thread(call: Callable[[], T]) -> "Future[T]":
    """Run it on connections of its own, while the test goes on."""
    pool = ThreadPoolExecutor(1)
    future = pool.submit(_with_own_connections, call)
    pool.shutdown(wait=False)
    return future
