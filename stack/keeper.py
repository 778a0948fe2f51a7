"""Keeps one service running: restarts it when it ends, until it ends too often."""

import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from stack import processes
from stack.processes import Record
from stack.services import Service

MAX_EXITS = 5
EXIT_PERIOD_SECONDS = 60.0
FIRST_DELAY_SECONDS = 0.2  # doubled at each further exit within a minute
GRACE_SECONDS = 2.0  # for the children that an ended process has left
POLL_SECONDS = 0.05
COMMAND_NOT_FOUND = 127  # a shell's exit code for a program that is not there


@dataclass(frozen=True)
class ProcessExit:
    name: str
    code: int  # as subprocess has it: negative for a signal

    def __str__(self) -> str:
        by = f"exit code {self.code}" if self.code >= 0 else f"signal {signal.Signals(-self.code).name}"
        return f"{self.name} ended with {by}"


@dataclass(frozen=True)
class Listener:
    """Callbacks for the events of a service. They are called from the keeper's threads."""

    line: Callable[[str, bytes], None]
    started: Callable[[str, int], None]
    ended: Callable[[ProcessExit], None]
    may_restart: Callable[[], bool]  # whether a service that ended is restarted
    restarting: Callable[[ProcessExit, float], None]
    gave_up: Callable[[ProcessExit], None]


class Keeper:
    """Runs a service in a thread of its own from `start` to `stop`."""

    def __init__(self, service: Service, listener: Listener) -> None:
        self.service = service
        self.record: Record | None = None  # of the process that runs now
        self._listener = listener
        self._stopping = threading.Event()
        self._spawning = threading.Lock()
        self._thread = threading.Thread(target=self._keep, name=service.name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def request_stop(self) -> None:
        """Send the stop signal; returns at once."""
        with self._spawning:
            self._stopping.set()
        if self.record:
            processes.send_signal(self.record, self.service.stop_signal)

    def wait(self, seconds: float) -> None:
        """Wait until the service has ended; kill it when the time is up."""
        self._thread.join(seconds)
        if self._thread.is_alive() and self.record:
            processes.kill_group(self.record)
            self._thread.join(GRACE_SECONDS)

    def _keep(self) -> None:
        ends: deque[float] = deque(maxlen=MAX_EXITS)
        while end := self._run():
            ends.append(time.monotonic())
            recent = sum(ends[-1] - each < EXIT_PERIOD_SECONDS for each in ends)
            if recent == MAX_EXITS or not self._listener.may_restart():
                self._listener.gave_up(end)
                return
            delay = FIRST_DELAY_SECONDS * 2 ** (recent - 1)
            self._listener.restarting(end, delay)
            if self._stopping.wait(delay):
                return
            if self.service.before_restart:
                self.service.before_restart()

    def _run(self) -> ProcessExit | None:
        """Run the process once. Returns how it ended; None when it was stopped on purpose."""
        with self._spawning:
            if self._stopping.is_set():
                return None
            try:
                child = self._spawn()
            except OSError as error:
                self._listener.line(self.service.name, f"{error}\n".encode())
                return ProcessExit(self.service.name, COMMAND_NOT_FOUND)
        reader = threading.Thread(target=self._read, args=(child,), daemon=True)
        reader.start()
        code = child.wait()
        _stop_group(child.pid, self.service.stop_signal)
        reader.join(GRACE_SECONDS)
        end = ProcessExit(self.service.name, code)
        self._listener.ended(end)
        return None if self._stopping.is_set() else end

    def _spawn(self) -> "subprocess.Popen[bytes]":
        child = subprocess.Popen(
            self.service.argv,
            cwd=self.service.cwd,
            env=self.service.full_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the supervisor, which stops all in order
        )
        self.record = processes.record_of(self.service.name, child.pid)
        self._listener.started(self.service.name, child.pid)
        return child

    def _read(self, child: "subprocess.Popen[bytes]") -> None:
        with child.stdout or open(os.devnull, "rb") as lines:
            for line in lines:
                self._listener.line(self.service.name, line)


def _stop_group(pid: int, number: signal.Signals) -> None:
    """Stop the children of an ended process, which may hold its port: first with its signal, then
    with SIGKILL."""
    deadline = time.monotonic() + GRACE_SECONDS
    try:
        os.killpg(pid, number)
        while time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
            os.killpg(pid, 0)
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
