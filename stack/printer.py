"""Where the services' lines go: each to its log file, and those of the programs we wrote to the terminal too."""

import contextlib
import io
import re
from collections.abc import Container
from pathlib import Path

from honcho.printer import Message, Printer

from stack.home import Home
from stack.steps import Steps, mark_start

# Kept from the terminal: a busy worker says so often that all is well that the first sign-in would scroll away.
ROUTINE = re.compile(rb"\blevel='(info|debug)'")
LOG_BYTES = 10 * 1024 * 1024  # then it becomes `<name>.log.1`


class LogPrinter:
    """Has what honcho's manager asks of a printer: `width` and `write`."""

    def __init__(self, home: Home, terminal: Steps, shown: Container[str]) -> None:
        self.width = 0
        self._home = home
        self._shown = shown
        self._files: dict[str, io.FileIO] = {}
        self._terminal = Printer(terminal)

    def write(self, message: Message) -> None:
        line = message.data if isinstance(message.data, bytes) else message.data.encode()
        with contextlib.suppress(OSError):  # a full disk should not take the stack down with it
            self._log(message.name, line)
        if message.name in self._shown and not ROUTINE.search(line):
            self._terminal.width = self.width
            self._terminal.write(message)

    def close(self) -> None:
        while self._files:
            self._files.popitem()[1].close()

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
    # Unbuffered: a signal may interrupt one write with another, which a buffer does not survive.
    return path.open("ab", buffering=0)
