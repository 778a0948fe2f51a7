"""What an Action is: a name, a payload and a call. docs/howto/add-an-action.md shows how to add one."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, TypeVar, get_args, get_origin

from server.core.queue import JobPayload, enqueue

Job = TypeVar("Job", bound=JobPayload)


class Retry(Exception):
    """Not yet; please try again after a while. Counts as an attempt."""

    def __init__(self, delay_seconds: int, reason: str = "") -> None:
        super().__init__(reason or f"again in {delay_seconds} s")
        self.delay_seconds = delay_seconds


class Discard(Exception):
    """This can never work: to the dead letters, with the reason."""


class Action(ABC, Generic[Job]):
    """`class ProcessReport(Action[jobs.ProcessReport])`. It may run twice and does no harm: a queue delivers at least once.

    Retries, time limits, connections and logs are middleware; what is left is to call a service and say what follows.
    """

    max_seconds: ClassVar[int] = 60
    """After this long another worker may take the job, and soon after this process ends."""

    max_attempts: ClassVar[int] = 5
    """Errors of the program, and workers that died with the job. Waiting for a part that is unavailable does not count."""

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
        """Post the message, as part of the caller's transaction; returns its id."""
        if not isinstance(job, cls.payload):
            raise TypeError(f"{cls.__name__} takes {cls.payload.__name__}, not {type(job).__name__}")
        return enqueue(job, delay_seconds=delay_seconds)

    @abstractmethod
    def execute(self, job: Job) -> None:
        """Do the work. Raise Retry or Discard to say what should happen; any other error is judged by its class."""
