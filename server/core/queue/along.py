"""One statement and one job, both or none: in one round trip where the queue is a table of the same database.

For hot paths. A transaction of two statements takes four round trips, each of which costs both sides.
"""

from collections.abc import Callable

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from server.core.queue.backends import current_queue
from server.core.queue.base import JobPayload
from server.core.queue.postgres import PostgresQueue
from server.core.queue.posting import enqueue, message_of


def enqueue_along(job: JobPayload, statement: Callable[[CursorWrapper], str]) -> str:
    """Carry out a statement in the core database and post a job; returns the id of its message.

    `statement` gives SQL with its values in it. Raises what the database and `enqueue` raise.
    """
    queue = current_queue()
    if settings.USE_WORKER and isinstance(queue, PostgresQueue):
        message = message_of(job)
        with connection.cursor() as cursor:
            # PostgreSQL makes one transaction of a script that comes in one piece.
            cursor.execute(f"{statement(cursor)};{queue.bound_to_send(cursor, message)}")
        return message.id
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement(cursor))
        return enqueue(job)
