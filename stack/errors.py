"""The error of the stack."""

from pathlib import Path


class StackError(Exception):
    """A step failed. `cause` is shown on the terminal and says what to do; `log` has the
    details."""

    def __init__(self, cause: str, log: Path | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.log = log
