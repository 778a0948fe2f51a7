"""The hooks that the loop calls. Each does nothing unless a middleware overrides it."""

from collections.abc import Sequence

from server.core.queue import Delivery
from worker.jobrun import JobRun


class Middleware:
    def starting(self) -> None:
        """Once, in the process that will run the jobs: the place to start a thread."""

    def before_receive(self) -> None:
        """Before each receive: after every job, and every few seconds while nothing comes."""

    def received(self, deliveries: Sequence[Delivery]) -> None:
        """After a receive; these will be processed one after the other."""

    def paused(self) -> None:
        """Instead of a receive, about every second, while an operator has paused the queue."""

    def idle(self) -> None:
        """After a receive that returned nothing."""

    def before(self, run: JobRun) -> None:
        """Before a job is executed. Setting `run.verdict` prevents that; an error counts as the
        job's own."""

    def after(self, run: JobRun) -> None:
        """After it and before the acknowledgement, even when `before` was not reached. The last
        chance to set `run.verdict`."""

    def stopping(self) -> None:
        """Once, after the last job."""
