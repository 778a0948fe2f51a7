"""What the Actions of operations have in common: the work that somebody asked for and may follow by
its `pid`."""

from abc import abstractmethod
from typing import Protocol, TypeVar

from server.apps.activity.services.operations import ReportProgress, is_finished, operation_in_progress
from server.core.queue import JobPayload
from worker.action import Action


class OperationJob(JobPayload, Protocol):
    @property
    def pid(self) -> str: ...


Job = TypeVar("Job", bound=OperationJob)


class OperationAction(Action[Job]):
    """`class TrimDevice(OperationAction[jobs.TrimDevice])`. A subclass says what the work is; an
    operation that has ended is not run again, and an error that a retry cannot mend ends it."""

    def execute(self, job: Job) -> None:
        if is_finished(job.pid):
            return
        with operation_in_progress(job.pid) as report_progress:
            self.work(job, report_progress)

    @abstractmethod
    def work(self, job: Job, report_progress: ReportProgress) -> None:
        """Run it, and report how far it is."""
