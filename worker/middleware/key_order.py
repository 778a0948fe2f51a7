"""Jobs of one key one at a time, for a queue that cannot see to it itself (SQS).

An advisory lock of the core database, taken without waiting: it goes with the connection, so a dead worker holds nothing.
Busy: the message goes back for a moment, which counts as nothing. Which of the waiting ones comes next is not settled.
"""

import random
from typing import Final

from django.db import Error, connection

from server.core.queue import Counts, Message
from worker.jobrun import JobRun, Requeue
from worker.middleware.base import Middleware

TRY: Final = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
UNLOCK: Final = "SELECT pg_advisory_unlock(hashtextextended(%s, 0))"


class KeyOrder(Middleware):
    def __init__(self) -> None:
        self._locked_key: str | None = None

    def before(self, run: JobRun) -> None:
        key = _key(run.delivery.message)
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
            connection.close()  # and with it goes the lock

    @staticmethod
    def _query(question: str, key: str) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(question, [key])
            [(answer,)] = cursor.fetchall()
        return bool(answer)


def _key(message: Message | None) -> str:
    return message.key if message else ""
