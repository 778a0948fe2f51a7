"""Broken database connections do not outlive the job that broke them."""

import psycopg2
import pytest
from django.db import InterfaceError, OperationalError, connection
from pytest_django import DjangoAssertNumQueries

from server.core.queue import message_of
from server.core.queue.backends.memory import MemoryQueue
from worker.loop import Loop
from worker.middleware.connections import Connections
from worker.middleware.retries import Retries
from worker.tests.jobs import Call, Note, action_calling, actions, notes

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("queue_tables")]


def break_connection() -> None:
    """As when the database restarts in the middle of a job."""
    connection.ensure_connection()
    with pytest.raises(psycopg2.OperationalError), connection.connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    ask()


def ask() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    notes.append("answered")


def test_the_job_after_a_broken_connection_has_a_good_one(queue: MemoryQueue) -> None:
    calls = iter([break_connection, ask])
    queue.send([message_of(Call(1)), message_of(Call(2))])

    Loop(queue, actions(action_calling(lambda: next(calls)())), [Retries(), Connections()]).drain()

    assert notes == ["call 1", "call 2", "answered"]


def test_a_connection_that_broke_while_idle_is_replaced(queue: MemoryQueue) -> None:
    loop = Loop(queue, actions(action_calling(ask)), [Retries(), Connections()])
    with pytest.raises((OperationalError, InterfaceError)):
        break_connection()
    loop.drain()
    queue.send([message_of(Call())])

    loop.drain()

    assert notes[-1] == "answered"


def test_a_good_job_pays_no_query_for_it(
    queue: MemoryQueue, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    queue.send([message_of(Note("hello"))])

    with django_assert_num_queries(0):
        Loop(queue, actions(), [Retries(), Connections()]).run_once(wait_seconds=0)
