"""The base class of Actions. docs/howto/add-an-action.md shows how to add one."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, TypeVar, get_args, get_origin

from server.core.queue import JobPayload, enqueue

Job = TypeVar("Job", bound=JobPayload)


class Retry(Exception):
    """Raised by an Action to run again after a delay. Counts as an attempt."""

    def __init__(self, delay_seconds: int, reason: str = "") -> None:
        super().__init__(reason or f"again in {delay_seconds} s")
        self.delay_seconds = delay_seconds


class Discard(Exception):
    """Raised by an Action whose job can never succeed: it becomes a dead letter with the reason."""


class Action(ABC, Generic[Job]):
    """`class ProcessReport(Action[jobs.ProcessReport])`. It must do no harm when it runs twice: a
    queue delivers at least once.

    Retries, time limits, connections and logs are middleware; an Action calls a service and posts
    what follows.
    """

    max_seconds: ClassVar[int] = 60
    """After this time another worker may take the job; soon after, this process is ended."""

    max_attempts: ClassVar[int] = 5
    """Errors of the program and workers that died with the job count as attempts; deferrals while a
    part is unavailable do not."""

    payload: ClassVar[type[Any]]
    """The job's dataclass, taken from the square brackets."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for base in getattr(cls, "__orig_bases__", ()):
            origin = get_origin(base)
            if isinstance(origin, type) and issubclass(origin, Action):
                (cls.payload,) = get_args(base)

    @classmethod
    def schedule(cls, job: Job, *, delay_seconds: int = 0) -> str:
        """Post the job in the caller's transaction. Returns the id of its message."""
        if not isinstance(job, cls.payload):
            raise TypeError(f"{cls.__name__} takes {cls.payload.__name__}, not {type(job).__name__}")
        return enqueue(job, delay_seconds=delay_seconds)

    @abstractmethod
    def execute(self, job: Job) -> None:
        """Do the work. Raises Retry or Discard to decide what happens next; for any other error its
        class decides (`Retries`)."""
