"""Runs jobs of one key one at a time, on a queue that does not ensure it (SQS), but in no
particular order.

It takes an advisory lock of the core database, without waiting; the lock ends with the connection,
so a dead worker holds none. When it is taken, the message is released for a moment, which does not
count as an attempt.
"""

import random
from typing import Final

from django.db import Error, connection

from server.core.queue import Counts
from worker.jobrun import JobRun, Requeue
from worker.middleware.base import Middleware

TRY: Final = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
UNLOCK: Final = "SELECT pg_advisory_unlock(hashtextextended(%s, 0))"


class KeyOrder(Middleware):
    def __init__(self) -> None:
        self._locked_key: str | None = None

    def before(self, run: JobRun) -> None:
        key = run.delivery.message.key if run.delivery.message else ""
        if not key or run.verdict is not None:
            return
        if self._query(TRY, key):
            self._locked_key = key
        else:
            run.verdict = Requeue(random.randint(1, 2), Counts.NOTHING, "Another job of this key is running.")

    def after(self, run: JobRun) -> None:
        held, self._locked_key = self._locked_key, None
        if held is None:
            return
        try:
            self._query(UNLOCK, held)
        except Error:
            connection.close()  # that releases the lock too

    @staticmethod
    def _query(question: str, key: str) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(question, [key])
            [(answer,)] = cursor.fetchall()
        return bool(answer)
