"""What stops the stack, said so that the reader knows what to do next."""

from pathlib import Path


class StackError(Exception):
    """A step could not be done. `cause` is for the terminal; `log` is where the rest of the story is."""

    def __init__(self, cause: str, log: Path | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.log = log
