"""The terminal of a start, and the log files of the services; lines of our own programs go to
both."""

import contextlib
import datetime
import io
import re
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from stack.errors import StackError
from stack.home import Home

START_MARK = "--- start"


class StepFailed(StackError):
    """A step failed; `step` is its name."""

    def __init__(self, step: str, error: StackError) -> None:
        super().__init__(error.cause, error.log)
        self.step = step


class Steps:
    """Prints the steps of a start, and other output in between."""

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

    def print_line(self, text: str) -> None:
        """Print a line between or inside steps."""
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
            # After other output the time is on a line of its own.
            self._write(f"{text}\n" if self._line_is_open else f"    {text}\n")
            self._line_is_open = False

    def _write(self, text: str) -> None:
        try:
            self._terminal.write(text)
            self._terminal.flush()
        except OSError:  # the terminal was closed, which must not interrupt a start or a stop
            return


def describe_failure(error: StackError) -> str:
    lines = [f"Failed: {error.step}" if isinstance(error, StepFailed) else "Not done."]
    lines += [f"  {line}" for line in error.cause.splitlines()]
    if error.log is not None:
        lines.append(f"  Log: {error.log}")
    return "\n".join(lines)


def mark_start(log: io.FileIO) -> None:
    """Write a line that separates two runs in one log."""
    log.write(f"{START_MARK} {datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M:%S} UTC\n".encode())


def last_lines(path: Path, count: int) -> str:
    """Returns the end of a log, of the last run only; empty when there is no log."""
    try:
        text = path.read_text(errors="replace")
    except OSError:
        return ""
    lines = text.splitlines()[-count:]
    starts = [number for number, line in enumerate(lines) if line.startswith(START_MARK)]
    return "\n".join(lines[starts[-1] + 1 :] if starts else lines)


# Not shown on the terminal: the lines of a busy worker would scroll the first sign-in away.
ROUTINE = re.compile(rb"\blevel='(info|debug)'")
LOG_BYTES = 10 * 1024 * 1024  # then it becomes `<name>.log.1`
COLOURS = (36, 33, 32, 35, 34, 31)  # ECMA-48: cyan, yellow, green, magenta, blue, red


class LogPrinter:
    """Writes lines to log files and to the terminal; thread-safe."""

    def __init__(self, home: Home, terminal: Steps, shown: Sequence[str]) -> None:
        self._home = home
        self._terminal = terminal
        self._prefixes = {name: self._prefix(name, number, shown) for number, name in enumerate(shown)}
        self._files: dict[str, io.FileIO] = {}
        self._lock = threading.Lock()

    def write(self, name: str, line: bytes) -> None:
        """`line` ends with a line feed, except the last one of a process that was killed."""
        with self._lock, contextlib.suppress(OSError):  # a full disk must not stop the stack
            self._log(name, line)
        if name in self._prefixes and not ROUTINE.search(line):
            time = f"{datetime.datetime.now():%H:%M:%S}"  # noqa: DTZ005  # the terminal's own clock
            text = line.decode(errors="replace").rstrip("\n")
            self._terminal.write(f"{self._prefixes[name].format(time)}{text}\n")

    def close(self) -> None:
        with self._lock:
            while self._files:
                self._files.popitem()[1].close()

    def _prefix(self, name: str, number: int, shown: Sequence[str]) -> str:
        text = f"{{}} {name:<{max(map(len, shown))}} | "
        if not self._terminal.isatty():
            return text
        return f"\033[{COLOURS[number % len(COLOURS)]}m{text}\033[0m"

    def _log(self, name: str, line: bytes) -> None:
        path = self._home.log_of(name)
        stream = self._files.get(name)
        if stream is None or stream.tell() > LOG_BYTES:
            self._files.pop(name, None)  # closed by the next line, even if that fails
            stream = self._files[name] = _fresh_log(path, stream)
            mark_start(stream)
        stream.write(line)


def _fresh_log(path: Path, previous: io.FileIO | None) -> io.FileIO:
    if previous is not None:
        previous.close()
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab", buffering=0)
