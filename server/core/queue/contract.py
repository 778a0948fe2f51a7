"""The contract of the job queue, which the back ends for PostgreSQL, SQS and memory keep. Delivery
is at least once: a message may come twice, so an Action must do no harm when it runs twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum
from typing import Any, ClassVar, Final, Protocol

from server.core.lanes import Lane

MAX_DELAY_SECONDS: Final = 900  # SQS's limit; what must wait longer needs a periodic job
MAX_BATCH: Final = 10  # SQS's limit
MAX_BODY_BYTES: Final = 240 * 1024  # SQS's limit is 256 KiB with attributes, of which a dead letter has some


class JobTooLarge(ValueError):
    """The arguments do not fit into a message: large data goes to the object store, and its key
    into the job."""


class JobPayload(Protocol):
    """A frozen dataclass of plain values (an app's `jobs.py`). `action` is the registered name of
    the Action that runs it.

    One whose work may take longer than a few seconds has `lane: ClassVar[Lane] = Lane.LONG`; the
    others have no `lane`.
    """

    action: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def order_key(self) -> str:
        """Jobs with the same key run one at a time, oldest first where the back end can; "" is no
        key."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is sent: `{"id": …, "action": …, "arguments": {…}, "key": …, "org": …,
    "lane": …}`."""

    id: str
    action: str
    arguments: Mapping[str, Any]
    key: str = ""
    org: str = ""
    """The id of the organisation whose work it is; "": the installation's own. Each organisation
    gets its turn."""
    lane: Lane = Lane.SHORT


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that a worker has until it is deleted or released, or its visibility time ends."""

    message: Message | None  # None: the body could not be read; `body` has it
    body: str
    attempt: int  # 1 the first time
    receipt: Any = field(repr=False)
    deferred: int = 0  # how often it was deferred because something else was unavailable


class Counts(Enum):
    """What releasing a message counts as."""

    ATTEMPT = "attempt"  # it failed: next time `attempt` is one higher
    DEFERRAL = "deferral"  # something else was unavailable: `attempt` stays, `deferred` is one higher
    NOTHING = "nothing"  # it was not started


class Outcome(StrEnum):
    """How one run of a job ended."""

    DONE = "done"
    RETRIED = "retried"  # failed, and will run again
    DEFERRED = "deferred"  # deferred, and will run again
    DEAD = "dead"  # became a dead letter


@dataclass(frozen=True, slots=True)
class JobRecord:
    """One row of the worker log. Secrets must be masked in `arguments` before."""

    message_id: str
    action: str
    arguments: Mapping[str, Any]
    attempt: int
    outcome: Outcome
    duration_ms: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that will not run again unless an operator redrives it."""

    body: str
    action: str  # "" when the body could not be read
    attempts: int
    reason: str
    died_on: datetime
    handle: str  # for `redrive` and `delete_dead`; valid until then, in any process
    message_id: str = ""  # "" when the body could not be read
    key: str = ""


@dataclass(frozen=True, slots=True)
class Depth:
    waiting: int
    in_flight: int
    dead: int
    oldest_waiting_s: float | None  # None: nothing waits, or the back end cannot tell


class Queue(Protocol):
    """Every method raises Unavailable, and nothing else, when the service behind the queue does not
    answer.

    `record`, where a method takes one, is written to the worker log, in the same statement where
    the back end can. A record that cannot be written is dropped, and the job is not affected.
    """

    transactional: bool
    """True: `send` is part of the caller's transaction in the core database, so no outbox is
    needed."""

    gives_turns: bool
    """True: an organisation with a backlog does not delay the others. Else the outbox holds back
    what one has above its share."""

    ordered: bool
    """True: a message with a key is delivered only when it is the oldest of its key and no other of
    it is in flight."""

    def send(self, messages: Sequence[Message], *, delay_seconds: int = 0) -> None:
        """`delay_seconds` is at most MAX_DELAY_SECONDS."""

    def receive(self, *, most: int, wait_seconds: float, visible_after_seconds: int) -> list[Delivery]:
        """Returns up to `most` messages (at most MAX_BATCH); waits up to `wait_seconds` for the
        first (long polling)."""

    def delete(self, delivery: Delivery, *, record: JobRecord | None = None) -> None:
        """Acknowledge a message as done. Does nothing when another worker has it meanwhile."""

    def release(
        self, delivery: Delivery, *, delay_seconds: int, counts: Counts, record: JobRecord | None = None
    ) -> None:
        """Return it to the queue; it is delivered again after the delay."""

    def extend(self, delivery: Delivery, *, visible_after_seconds: int) -> None:
        """Keep a running job hidden for so many seconds from now. Called from a thread of its
        own."""

    def move_to_dead_letters(
        self, delivery: Delivery, *, reason: str, record: JobRecord | None = None
    ) -> None:
        """Make it a dead letter, kept for an operator."""

    def dead_letters(self, *, most: int) -> list[DeadLetter]:
        """Returns dead letters, the newest first where the back end knows their order."""

    def redrive(self, handles: Sequence[str]) -> int:
        """Send dead letters back to the queue, with their counts at zero. Returns how many were
        still there.

        Those of one key go back in the order in which they died, behind the jobs of that key that
        wait already.
        """

    def delete_dead(self, handles: Sequence[str]) -> int:
        """Delete dead letters. Returns how many were still there."""

    def depth(self) -> Depth: ...

    def bring_forward(self) -> int:
        """Make due what would wait longer than any delay allows. Returns how many. For a queue
        whose clock may be set back."""

    def interrupt(self) -> None:
        """End a waiting `receive`; safe in a signal handler. On SQS it ends only when its wait is
        over."""
