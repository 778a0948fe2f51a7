"""The queue as a table of the core database. Enqueuing is part of the caller's transaction, so it
needs no outbox (decision 0002). `postgres_statements.py` has the SQL and the invariants it
keeps."""

import json
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import psycopg2
from django.db import (
    DEFAULT_DB_ALIAS,
    DataError,
    Error,
    IntegrityError,
    ProgrammingError,
    connections,
    transaction,
)
from django.db.backends.utils import CursorWrapper

from server.core.databases import storable
from server.core.errors import Unavailable
from server.core.lanes import Lane
from server.core.prepared import PreparedByName
from server.core.queue.backends import postgres_statements as statements
from server.core.queue.backends.postgres_listening import Listener
from server.core.queue.contract import (
    MAX_BATCH,
    MAX_DELAY_SECONDS,
    Counts,
    DeadLetter,
    Delivery,
    Depth,
    JobRecord,
    Message,
)
from server.core.queue.log import current_log
from server.core.queue.wire import decode, encode
from server.core.wake import Wake

Row = tuple[Any, ...]
Values = dict[str, Any]
CLAIM_TRIES: Final = 5
FURTHEST_S: Final = MAX_DELAY_SECONDS + 60
HOLD_S: Final = 30
_ORG: Final = 5
"""The place of the organisation in a claimed row."""
_SEND: Final = PreparedByName(statements.SEND)
HANDLE: Final = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What identifies a delivery. `attempt` distinguishes it from a later delivery of the same row
    to another worker."""

    id: int
    attempt: int
    key: str
    lane: Lane


class PostgresQueue:
    transactional = True
    gives_turns = True
    ordered = True

    def __init__(self, alias: str = DEFAULT_DB_ALIAS, *, lanes: Sequence[Lane] = tuple(Lane)) -> None:
        """`lanes`: from which it receives, the first one first."""
        self._alias = alias
        self._lanes = lanes
        self._served = dict.fromkeys(lanes, "")  # the organisation whose job was received last, for each lane
        self._listener = Listener(alias, lanes)
        self._wake = Wake()

    def send(self, messages: Sequence[Message], *, delay_seconds: int = 0) -> None:
        self._run(statements.SEND, _sent(list(map(encode, messages)), messages, delay_seconds))

    def send_statement(self, cursor: CursorWrapper, message: Message) -> str:
        """Returns the SQL of `send`, for a caller that runs it together with another statement of
        the core database."""
        return _SEND.bind(cursor, _sent([encode(message)], [message], 0))

    def receive(self, *, most: int, wait_seconds: float, visible_after_seconds: int) -> list[Delivery]:
        """1. Listen. 2. Try to claim. 3. Nothing there: wait for a notification, or until the next
        job is due, and try again."""
        values: Values = {"most": min(most, MAX_BATCH), "visible": visible_after_seconds}
        until = time.monotonic() + wait_seconds
        with self._translate_errors():
            while True:
                if wait_seconds > 0:
                    self._listener.open()
                rows = self._claim(values)
                left = until - time.monotonic()
                if rows or left <= 0:
                    return [_delivery(row) for row in rows]
                if self._listener.wait(min(left, self._seconds_to_next(left)), self._wake):
                    return []

    def _claim(self, values: Values) -> list[Row]:
        for lane in self._lanes:
            turn = {"long": lane is Lane.LONG, "served": self._served[lane]}
            if rows := self._claim_in_lane(values | turn):
                self._served[lane] = rows[-1][_ORG]
                return rows
        return []

    def _claim_in_lane(self, values: Values) -> list[Row]:
        """Two workers may see the same key free at the same instant; the unique index rejects one,
        which tries again."""
        for _ in range(CLAIM_TRIES):
            try:
                return self._rows(statements.BY_INDEX + statements.CLAIM, values)
            except IntegrityError:
                continue
        return []

    def _seconds_to_next(self, otherwise: float) -> float:
        rows = self._rows(statements.SECONDS_TO_NEXT, {"longs": [lane is Lane.LONG for lane in self._lanes]})
        return float(rows[0][0]) if rows else otherwise

    def delete(self, delivery: Delivery, *, record: JobRecord | None = None) -> None:
        receipt: Receipt = delivery.receipt
        self._run_with_record(
            statements.delete(keyed=bool(receipt.key), logged=False),
            statements.delete(keyed=bool(receipt.key), logged=True),
            _receipt_values(receipt),
            record,
        )

    def release(
        self, delivery: Delivery, *, delay_seconds: int, counts: Counts, record: JobRecord | None = None
    ) -> None:
        values = _receipt_values(delivery.receipt) | {
            "delay": delay_seconds,
            "attempts_off": int(counts is not Counts.ATTEMPT),
            "deferrals": int(counts is Counts.DEFERRAL),
        }
        self._run_with_record(
            statements.release(logged=False), statements.release(logged=True), values, record
        )

    def move_to_dead_letters(
        self, delivery: Delivery, *, reason: str, record: JobRecord | None = None
    ) -> None:
        action = delivery.message.action if delivery.message else ""
        values = _receipt_values(delivery.receipt) | {"action": storable(action), "reason": storable(reason)}
        self._run_with_record(
            statements.move_to_dead_letters(logged=False),
            statements.move_to_dead_letters(logged=True),
            values,
            record,
        )

    def extend(self, delivery: Delivery, *, visible_after_seconds: int) -> None:
        self._run(statements.EXTEND, _receipt_values(delivery.receipt) | {"visible": visible_after_seconds})

    def dead_letters(self, *, most: int) -> list[DeadLetter]:
        return [_dead_letter(row) for row in self._run(statements.DEAD_LETTERS, {"most": most})]

    def redrive(self, handles: Sequence[str]) -> int:
        with self._translate_errors(), transaction.atomic(using=self._alias):
            bodies = [body for (body,) in self._rows(statements.TAKE_DEAD, _ids(handles))]
            self._rows(statements.SEND, _sent(bodies, [decode(body) or _UNREADABLE for body in bodies], 0))
        return len(bodies)

    def delete_dead(self, handles: Sequence[str]) -> int:
        return len(self._run(statements.TAKE_DEAD, _ids(handles)))

    def depth(self) -> Depth:
        [(waiting, in_flight, dead, oldest)] = self._run(statements.DEPTH, {})
        return Depth(waiting, in_flight, dead, None if oldest is None else float(oldest))

    def bring_forward(self) -> int:
        return len(self._run(statements.BRING_FORWARD, {"furthest": FURTHEST_S, "visible": HOLD_S}))

    def interrupt(self) -> None:
        self._wake.set()

    def close(self) -> None:
        self._listener.close()
        self._wake.close()

    def _run_with_record(self, plain: str, logged: str, values: Values, record: JobRecord | None) -> None:
        """Run the statement with the record in it; without the record when the log refuses it, or
        it is nested too deeply."""
        if record is not None and not current_log().written_by_queue:
            current_log().write(record)
            record = None
        if record is None:
            self._run(plain, values)
            return
        with self._translate_errors():
            try:
                self._rows(logged, values | _logged(record))
            except (DataError, IntegrityError, ProgrammingError, RecursionError):
                self._rows(plain, values)

    def _run(self, statement: str, values: Values) -> list[Row]:
        with self._translate_errors():
            return self._rows(statement, values)

    def _rows(self, statement: str, values: Values) -> list[Row]:
        with connections[self._alias].cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        """Translate database errors to Unavailable. Connections are not trusted after one: the next
        call opens new ones."""
        try:
            yield
        except (Error, psycopg2.Error) as error:
            self._listener.close()
            if not connections[self._alias].in_atomic_block:
                connections[self._alias].close()
            raise Unavailable("The job queue does not answer.") from error


def _delivery(row: Row) -> Delivery:
    identifier, key, body, attempt, deferred, _, long, _ = row
    receipt = Receipt(identifier, attempt, key, Lane.LONG if long else Lane.SHORT)
    return Delivery(message=decode(body), body=body, attempt=attempt, receipt=receipt, deferred=deferred)


_UNREADABLE: Final = Message(id="", action="", arguments={})


def _sent(bodies: list[str], messages: Sequence[Message], delay_seconds: int) -> Values:
    lanes = [message.lane for message in messages]
    return {
        "bodies": bodies,
        "keys": [message.key for message in messages],
        "orgs": [message.org for message in messages],
        "longs": [lane is Lane.LONG for lane in lanes],
        "channels": [statements.CHANNELS[lane] for lane in sorted(set(lanes))],
        "delay": delay_seconds,
    }


def _dead_letter(row: Row) -> DeadLetter:
    body, action, attempts, reason, died_on, handle = row
    message = decode(body)
    return DeadLetter(
        body=body,
        action=action,
        attempts=attempts,
        reason=reason,
        died_on=died_on,
        handle=handle,
        message_id=message.id if message else "",
        key=message.key if message else "",
    )


def _ids(handles: Sequence[str]) -> Values:
    """Handles that are not ours match nothing. Eighteen digits always fit into a bigint."""
    known = [int(handle) for handle in handles if HANDLE.fullmatch(handle)]
    return {"ids": known}


def _receipt_values(receipt: Receipt) -> Values:
    return {
        "id": receipt.id,
        "attempt": receipt.attempt,
        "key": receipt.key,
        "channel": statements.CHANNELS[receipt.lane],
    }


def _logged(record: JobRecord) -> Values:
    return {
        "message_id": storable(record.message_id),
        "action": storable(record.action),
        "arguments": json.dumps(record.arguments, default=str),
        "log_attempt": record.attempt,
        "outcome": record.outcome.value,
        "detail": storable(record.detail),
        "duration_ms": record.duration_ms,
    }
