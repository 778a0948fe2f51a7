"""The queue in memory, for tests and for jobs that run inline. It keeps the contract of the real
ones with one exception: a message is available at once, even if the caller's transaction is rolled
back later."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from server.core.queue.contract import MAX_BATCH, Counts, DeadLetter, Delivery, Depth, JobRecord, Message
from server.core.queue.wire import decode, encode
from server.core.wake import Wake

LONGEST_NAP_S: Final = 0.05  # nothing wakes a receiver when a delayed message becomes due


@dataclass(slots=True, eq=False)
class Entry:
    body: str
    key: str
    available_at_s: float
    attempt: int = 0
    deferred: int = 0
    in_flight: bool = False
    org: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    entry: Entry
    attempt: int


@dataclass(slots=True)
class MemoryQueue:
    clock: Callable[[], float] = time.monotonic
    records: list[JobRecord] = field(default_factory=list)
    dead: list[DeadLetter] = field(default_factory=list)
    _entries: list[Entry] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _wake: Wake = field(default_factory=Wake)
    _interrupted: bool = False
    _served: str = ""
    _deaths: int = 0
    transactional: bool = True
    gives_turns: bool = True
    ordered: bool = True

    def send(self, messages: Sequence[Message], *, delay_seconds: int = 0) -> None:
        """Bodies are encoded here too, so that a job that cannot be serialized fails in tests."""
        available = self.clock() + delay_seconds
        with self._lock:
            self._entries += [
                Entry(encode(message), message.key, available, org=message.org) for message in messages
            ]
        self._wake.set()

    def send_body(self, body: str) -> None:
        """Put any text on the queue, as another program could."""
        with self._lock:
            self._entries.append(Entry(body, "", self.clock()))
        self._wake.set()

    def receive(self, *, most: int, wait_seconds: float, visible_after_seconds: int) -> list[Delivery]:
        until = time.monotonic() + wait_seconds
        while True:
            with self._lock:
                taken = self._take(min(most, MAX_BATCH), visible_after_seconds)
            left = until - time.monotonic()
            if taken or left <= 0 or self._interrupted:
                self._interrupted = False
                return taken
            self._wake.wait(min(left, LONGEST_NAP_S))

    def _take(self, most: int, visible_after_seconds: int) -> list[Delivery]:
        now = self.clock()
        free = [entry for entry in self._entries if entry.available_at_s <= now and self._first_of_key(entry)]
        free.sort(key=lambda entry: (entry.org <= self._served, entry.org, entry.available_at_s))
        for entry in free[:most]:
            self._served = entry.org
            entry.in_flight = True
            entry.attempt += 1
            entry.available_at_s = now + visible_after_seconds
        return [_delivery(entry) for entry in free[:most]]

    def _first_of_key(self, entry: Entry) -> bool:
        if not entry.key:
            return True
        of_key = [other for other in self._entries if other.key == entry.key]
        return entry is next((other for other in of_key if other.in_flight), of_key[0])

    def delete(self, delivery: Delivery, *, record: JobRecord | None = None) -> None:
        self._log(record)
        with self._lock:
            if _is_held(delivery):
                self._remove(delivery)

    def release(
        self, delivery: Delivery, *, delay_seconds: int, counts: Counts, record: JobRecord | None = None
    ) -> None:
        self._log(record)
        with self._lock:
            if _is_held(delivery):
                entry: Entry = delivery.receipt.entry
                entry.in_flight = False
                entry.available_at_s = self.clock() + delay_seconds
                entry.attempt -= int(counts is not Counts.ATTEMPT)
                entry.deferred += int(counts is Counts.DEFERRAL)
        self._wake.set()

    def extend(self, delivery: Delivery, *, visible_after_seconds: int) -> None:
        with self._lock:
            if _is_held(delivery):
                delivery.receipt.entry.available_at_s = self.clock() + visible_after_seconds

    def move_to_dead_letters(
        self, delivery: Delivery, *, reason: str, record: JobRecord | None = None
    ) -> None:
        self._log(record)
        action = delivery.message.action if delivery.message else ""
        with self._lock:
            if _is_held(delivery):
                self._remove(delivery)
                self._deaths += 1
                self.dead.append(
                    DeadLetter(
                        body=delivery.body,
                        action=action,
                        attempts=delivery.attempt,
                        reason=reason,
                        died_on=datetime.now(UTC),
                        handle=str(self._deaths),
                        message_id=delivery.message.id if delivery.message else "",
                        key=delivery.message.key if delivery.message else "",
                    )
                )

    def _remove(self, delivery: Delivery) -> None:
        entry: Entry = delivery.receipt.entry
        entry.in_flight = False
        self._entries.remove(entry)

    def dead_letters(self, *, most: int) -> list[DeadLetter]:
        return self.dead[::-1][:most]

    def redrive(self, handles: Sequence[str]) -> int:
        with self._lock:
            dead_letters = self._take_dead(handles)
            self._entries += [
                Entry(dead_letter.body, dead_letter.key, self.clock()) for dead_letter in dead_letters
            ]
        self._wake.set()
        return len(dead_letters)

    def delete_dead(self, handles: Sequence[str]) -> int:
        with self._lock:
            return len(self._take_dead(handles))

    def _take_dead(self, handles: Sequence[str]) -> list[DeadLetter]:
        taken = [dead_letter for dead_letter in self.dead if dead_letter.handle in handles]
        self.dead[:] = [dead_letter for dead_letter in self.dead if dead_letter.handle not in handles]
        return taken

    def depth(self) -> Depth:
        now = self.clock()
        with self._lock:
            in_flight = sum(entry.in_flight and entry.available_at_s > now for entry in self._entries)
            due = [entry.available_at_s for entry in self._entries if entry.available_at_s <= now]
            waiting = len(self._entries) - in_flight
        return Depth(waiting, in_flight, len(self.dead), now - min(due) if due else None)

    def bring_forward(self) -> int:
        """Returns 0: its clock is never set back."""
        return 0

    def interrupt(self) -> None:
        self._interrupted = True
        self._wake.set()

    def clear(self) -> None:
        """Empty the queue between two tests."""
        with self._lock:
            self._entries.clear()
            self.records.clear()
            self.dead.clear()

    def close(self) -> None:
        self._wake.close()

    def _log(self, record: JobRecord | None) -> None:
        if record is not None:
            self.records.append(record)


def _is_held(delivery: Delivery) -> bool:
    receipt: Receipt = delivery.receipt
    return receipt.entry.in_flight and receipt.entry.attempt == receipt.attempt


def _delivery(entry: Entry) -> Delivery:
    return Delivery(
        message=decode(entry.body),
        body=entry.body,
        attempt=entry.attempt,
        receipt=Receipt(entry, entry.attempt),
        deferred=entry.deferred,
    )
