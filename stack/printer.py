"""Where the services' lines go: each to its log file, and those of the programs we wrote to the terminal too."""

import contextlib
import datetime
import io
import re
import threading
from collections.abc import Sequence
from pathlib import Path

from stack.home import Home
from stack.steps import Steps, mark_start

# Kept from the terminal: a busy worker says so often that all is well that the first sign-in would scroll away.
ROUTINE = re.compile(rb"\blevel='(info|debug)'")
LOG_BYTES = 10 * 1024 * 1024  # then it becomes `<name>.log.1`
COLOURS = (36, 33, 32, 35, 34, 31)  # ECMA-48: cyan, yellow, green, magenta, blue, red


class LogPrinter:
    """Any thread may write."""

    def __init__(self, home: Home, terminal: Steps, shown: Sequence[str]) -> None:
        self._home = home
        self._terminal = terminal
        self._prefixes = {name: self._prefix(name, number, shown) for number, name in enumerate(shown)}
        self._files: dict[str, io.FileIO] = {}
        self._lock = threading.Lock()

    def write(self, name: str, line: bytes) -> None:
        """`line` ends with a line feed, but for the last words of a process that was cut off."""
        with self._lock, contextlib.suppress(OSError):  # a full disk should not take the stack down with it
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
