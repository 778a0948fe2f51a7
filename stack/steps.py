"""What a start shows: one line a step, with its time; and for a failure the step, the cause and the log."""

import datetime
import io
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from stack.errors import StackError

START_MARK = "--- start"


class StepFailed(StackError):
    """A step ended with an error; carries the step's name."""

    def __init__(self, step: str, error: StackError) -> None:
        super().__init__(error.cause, error.log)
        self.step = step


class Steps:
    """The terminal of a start: steps, and other output that may come in between."""

    def __init__(self, terminal: TextIO = sys.stdout) -> None:
        self._terminal = terminal
        self._line_is_open = False
        self._lock = threading.RLock()  # lines of the programs come from threads of their own

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        with self._lock:
            self._write(f"  {name} ... ")
            self._line_is_open = True
        begin = time.monotonic()
        try:
            yield
        except StackError as error:
            self._end_line("failed")
            raise StepFailed(name, error) from error
        self._end_line(f"{time.monotonic() - begin:.1f} s")

    def say(self, text: str) -> None:
        """A line between or inside steps."""
        self.write(f"{text}\n")

    def write(self, text: str) -> None:
        with self._lock:
            if self._line_is_open:
                self._end_line("")
            self._write(text)

    def isatty(self) -> bool:
        return self._terminal.isatty()

    def _end_line(self, text: str) -> None:
        with self._lock:
            # Where other output came in between, the time stands on a line of its own.
            self._write(f"{text}\n" if self._line_is_open else f"    {text}\n")
            self._line_is_open = False

    def _write(self, text: str) -> None:
        try:
            self._terminal.write(text)
            self._terminal.flush()
        except OSError:  # the terminal was closed; what runs should go on or stop in order all the same
            return


def describe_failure(error: StackError) -> str:
    lines = [f"Failed: {error.step}" if isinstance(error, StepFailed) else "Not done."]
    lines += [f"  {line}" for line in error.cause.splitlines()]
    if error.log is not None:
        lines.append(f"  Log: {error.log}")
    return "\n".join(lines)


def mark_start(log: io.FileIO) -> None:
    """A line between two runs in one log."""
    log.write(f"{START_MARK} {datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M:%S} UTC\n".encode())


def last_lines(path: Path, count: int) -> str:
    """The end of a log, as far as it is of the last run; empty when there is none."""
    try:
        text = path.read_text(errors="replace")
    except OSError:
        return ""
    lines = text.splitlines()[-count:]
    starts = [number for number, line in enumerate(lines) if line.startswith(START_MARK)]
    return "\n".join(lines[starts[-1] + 1 :] if starts else lines)
