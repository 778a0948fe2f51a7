"""The hooks that the loop offers. Every one does nothing unless a middleware fills it."""

from collections.abc import Sequence

from server.core.queue import Delivery
from worker.jobrun import JobRun


class Middleware:
    def starting(self) -> None:
        """Once, in the process that will do the work: the place to start a thread."""

    def before_receive(self) -> None:
        """Before each receive: after every job, and every few seconds while nothing comes."""

    def received(self, deliveries: Sequence[Delivery]) -> None:
        """These are in hand from now on, and will be processed one after the other."""

    def paused(self) -> None:
        """Instead of a receive, about every second, while an operator has paused the queue."""

    def idle(self) -> None:
        """A receive brought nothing."""

    def before(self, run: JobRun) -> None:
        """Before a job is executed. Setting `run.verdict` prevents it; raising counts as the job's own error."""

    def after(self, run: JobRun) -> None:
        """After it, before the acknowledgement; `before` may not have been reached. Last chance to set `run.verdict`."""

    def stopping(self) -> None:
        """Once, after the last job."""
