"""One statement and one job, both or neither, for hot paths: one round trip where the queue is a
table of the same database. A transaction of two statements takes four."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog
from django.conf import settings
from django.db import Error, InterfaceError, OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

from server.core.errors import Unavailable
from server.core.queue.backends import current_queue
from server.core.queue.backends.postgres import PostgresQueue
from server.core.queue.contract import JobPayload
from server.core.queue.posting import enqueue, message_of

log = structlog.get_logger(__name__)


def enqueue_with_statement(
    job: JobPayload, statement: Callable[[CursorWrapper], str], *, org: UUID | None = None
) -> str:
    """Run a statement in the core database and post a job of an organisation. Returns the id of its
    message.

    `statement` returns SQL with its values in it. Raises Unavailable when one of the two is
    refused; then neither was done. Raises the database's own errors when the connection was lost;
    then both may or may not have been done.
    """
    queue = current_queue()
    if settings.USE_WORKER and isinstance(queue, PostgresQueue):
        message = message_of(job, org=org)
        with connection.cursor() as cursor, _translate_refusals():
            # PostgreSQL makes one transaction of a script that comes in one piece.
            cursor.execute(f"{statement(cursor)};{queue.send_statement(cursor, message)}")
        return message.id
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement(cursor))
        return enqueue(job, org=org)


@contextmanager
def _translate_refusals() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError):
        raise
    except Error as error:
        log.exception("a job and its statement were refused")
        raise Unavailable("The job queue does not answer.") from error
