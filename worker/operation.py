"""What the Actions of operations have in common: the work that somebody asked for and may follow by its `pid`."""

from abc import abstractmethod
from typing import Protocol, TypeVar

from server.apps.activity.services.operations import Progress, carrying_out, finished
from server.core.queue import JobPayload
from worker.action import Action


class OperationJob(JobPayload, Protocol):
    @property
    def pid(self) -> str: ...


Job = TypeVar("Job", bound=OperationJob)


class OperationAction(Action[Job]):
    """`class TrimDevice(OperationAction[jobs.TrimDevice])`. A subclass says what the work is; an operation that has ended is not
    run again, and an error that a retry cannot mend ends it."""

    def execute(self, job: Job) -> None:
        if finished(job.pid):
            return
        with carrying_out(job.pid) as progress:
            self.work(job, progress)

    @abstractmethod
    def work(self, job: Job, progress: Progress) -> None:
        """Do it, and say how far it is."""
