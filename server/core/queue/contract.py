"""What a queue is. At-least-once: a message may come twice, and an Action that runs twice does no harm.

A job is a frozen dataclass of plain values (an app's `jobs.py`). It names its Action by a registered name in the class
attribute `action`, and, where the Action asks for one at a time, gives an `order_key`.

Three back ends pass one test-suite (`tests/test_contract.py`): PostgreSQL, SQS and memory. All of them raise Unavailable
when the service behind them does not answer, and nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum
from typing import Any, ClassVar, Final, Protocol

MAX_DELAY_SECONDS: Final = 900  # what SQS can do; later than this is a periodic job's business
MAX_BATCH: Final = 10  # what SQS hands out at once
MAX_BODY_BYTES: Final = 240 * 1024  # SQS takes 256 KiB, and what is noted beside a dead letter counts too


class JobTooLarge(ValueError):
    """Its arguments do not fit into a message: what is large goes to the object store, and its name into the job."""


class JobPayload(Protocol):
    """A frozen dataclass; see `server/apps/ingest/jobs.py` for one."""

    action: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def order_key(self) -> str:
        """Jobs with the same key run one at a time, oldest first where the back end can; "" means no such wish."""


@dataclass(frozen=True, slots=True)
class Message:
    """What goes over the wire: `{"id": …, "action": …, "arguments": {…}, "key": …}`."""

    id: str
    action: str
    arguments: Mapping[str, Any]
    key: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message in a worker's hands until it is deleted, released or its visibility time ends."""

    message: Message | None  # None: the body could not be read; `body` has it
    body: str
    attempt: int  # 1 the first time
    receipt: Any = field(repr=False)
    deferred: int = 0  # how often it was put off because something else was unavailable


class Counts(Enum):
    """What giving a message back says about it."""

    ATTEMPT = "attempt"  # it failed: next time `attempt` is one higher
    DEFERRAL = "deferral"  # something else was unavailable: `attempt` stays, `deferred` is one higher
    NOTHING = "nothing"  # it was never begun


class Outcome(StrEnum):
    """How one run of a job ended."""

    DONE = "done"
    RETRIED = "retried"  # failed, and comes again
    DEFERRED = "deferred"  # put off, and comes again
    DEAD = "dead"  # went to the dead letters


@dataclass(frozen=True, slots=True)
class JobRecord:
    """One row of the worker log. `arguments` hold no secrets; who writes the record sees to that."""

    message_id: str
    action: str
    arguments: Mapping[str, Any]
    attempt: int
    outcome: Outcome
    duration_ms: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that will not run again unless an operator says so."""

    body: str
    action: str  # "" when the body could not be read
    attempts: int
    reason: str
    died_on: datetime
    handle: str  # for `redrive` and `delete_dead`; good until then, on any worker or page
    message_id: str = ""  # "" when the body could not be read
    key: str = ""


@dataclass(frozen=True, slots=True)
class Depth:
    waiting: int
    in_hand: int
    dead: int
    oldest_waiting_s: float | None  # None: nothing waits, or the back end does not tell


class Queue(Protocol):
    """`record`, where a method takes one, goes to the worker log, in the same statement where the back end can. A record
    that cannot be written is dropped: it never costs the job."""

    transactional: bool
    """True: `send` is part of the caller's transaction in the core database, so no outbox is needed."""

    ordered: bool
    """True: of one key a message is handed out only when it is the oldest and no other is in hand."""

    def send(self, messages: Sequence[Message], *, delay_seconds: int = 0) -> None:
        """`delay_seconds` is at most MAX_DELAY_SECONDS."""

    def receive(self, *, most: int, wait_seconds: float, visible_after_seconds: int) -> list[Delivery]:
        """Up to `most` messages (at most MAX_BATCH); waits up to `wait_seconds` for the first (long polling)."""

    def delete(self, delivery: Delivery, *, record: JobRecord | None = None) -> None:
        """It is done. Does nothing when the message is in other hands by now."""

    def release(
        self, delivery: Delivery, *, delay_seconds: int, counts: Counts, record: JobRecord | None = None
    ) -> None:
        """Give it back; it comes again after the delay."""

    def extend(self, delivery: Delivery, *, visible_after_seconds: int) -> None:
        """Keep a running job hidden for so many seconds from now. Called from a thread of its own."""

    def move_to_dead_letters(
        self, delivery: Delivery, *, reason: str, record: JobRecord | None = None
    ) -> None:
        """To the dead letters, where an operator sees it."""

    def dead_letters(self, *, most: int) -> list[DeadLetter]:
        """The newest first where the back end can tell."""

    def redrive(self, handles: Sequence[str]) -> int:
        """Dead letters back to the queue, with their counts at zero; returns how many were still there.

        Letters of one key go back in the order in which they died, behind what waits of that key by now.
        """

    def delete_dead(self, handles: Sequence[str]) -> int:
        """Forget dead letters; returns how many were still there."""

    def depth(self) -> Depth: ...

    def bring_forward(self) -> int:
        """What waits for longer than any delay allows comes now; returns how much. For a queue that tells time by a clock that
        somebody may set back."""

    def interrupt(self) -> None:
        """End a `receive` that waits, from a signal handler. SQS cannot: there it ends by its wait."""
