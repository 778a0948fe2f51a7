"""A parent and its child processes: it starts them, restarts dead ones, and stops them.

It opens no connection and does no work, so it survives whatever a child does to itself.
"""

import ctypes
import gc
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

import structlog
from django.db import connections

from server.core.wake import Wake

log = structlog.get_logger(__name__)

STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
STOP_WITHIN_S: Final = 9.0
FIRST_RESPAWN_S: Final = 0.5
LONGEST_RESPAWN_S: Final = 30.0
HEALTHY_AFTER_S: Final = 60.0
PR_SET_PDEATHSIG: Final = 1


@dataclass(slots=True)
class Child:
    """A slot for a child process; `pid` is 0 while it is empty."""

    pid: int = 0
    started_s: float = 0.0
    start_at_s: float = 0.0
    deaths: int = 0  # in a row
    finished: bool = False

    def record_death(
        self, now: float, *, first_s: float = FIRST_RESPAWN_S, longest_s: float = LONGEST_RESPAWN_S
    ) -> float:
        """Delay the next start. Returns for how many seconds: longer after each death, but short
        again after a long life."""
        self.deaths = 0 if now - self.started_s > HEALTHY_AFTER_S else self.deaths + 1
        pause_s: float = min(longest_s, first_s * 2 ** min(self.deaths, 10))
        self.start_at_s = now + pause_s
        return pause_s


@dataclass(slots=True)
class Parent:
    processes: int
    work: Callable[[], int]
    stop_within_seconds: float = STOP_WITHIN_S
    first_respawn_s: float = FIRST_RESPAWN_S
    longest_respawn_s: float = LONGEST_RESPAWN_S
    _children: list[Child] = field(default_factory=list)
    _stopping: bool = False
    _wake: Wake = field(default_factory=Wake)

    def run(self) -> int:
        """Run until every child has finished, or a signal stops them all. Returns the exit code."""
        connections.close_all()  # connections must not be shared across a fork
        gc.freeze()  # keeps what is loaded already in memory pages that all children share
        on_stop_signals(self.stop)
        signal.signal(signal.SIGCHLD, lambda number, frame: self._wake.set())
        self._children = [Child() for _ in range(self.processes)]
        while not self._stopping and not all(child.finished for child in self._children):
            self._start_missing()
            self._wake.wait(self._seconds_to_next_start())
            self._reap()
        self._end_all()
        return 0

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    def _start_missing(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.pid == 0 and not child.finished and now >= child.start_at_s:
                child.pid = self._fork()
                child.started_s = now

    def _fork(self) -> int:
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)  # until the child has handlers of its own
        pid = os.fork()
        if pid == 0:
            os._exit(self._child(parent))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        return pid

    def _child(self, parent: int) -> int:
        for number in (signal.SIGCHLD, *STOP_SIGNALS):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        _exit_with_parent(parent)
        try:
            return self.work()
        except BaseException:  # the last line of a child process: its parent starts another
            log.exception("child process failed")
            return 1

    def _seconds_to_next_start(self) -> float:
        empty = [child.start_at_s for child in self._children if child.pid == 0 and not child.finished]
        return max(0.0, min(empty) - time.monotonic()) if empty else LONGEST_RESPAWN_S

    def _reap(self) -> None:
        for child in self._children:
            if child.pid:
                pid, status = os.waitpid(child.pid, os.WNOHANG)
                if pid:
                    self._record_exit(child, os.waitstatus_to_exitcode(status))

    def _record_exit(self, child: Child, code: int) -> None:
        """Exit code 0 means that the child is finished. After any other, the next start is delayed,
        longer each time."""
        now = time.monotonic()
        pid, child.pid = child.pid, 0
        if code == 0:
            child.finished = True
            return
        pause_s = child.record_death(now, first_s=self.first_respawn_s, longest_s=self.longest_respawn_s)
        if not self._stopping:
            log.error("child process died", pid=pid, code=code, next_start_in_s=pause_s)

    def _end_all(self) -> None:
        self._signal_all(signal.SIGTERM)
        until = time.monotonic() + self.stop_within_seconds
        while any(child.pid for child in self._children) and time.monotonic() < until:
            self._wake.wait(min(1.0, until - time.monotonic()))
            self._reap()
        if any(child.pid for child in self._children):
            log.warning("child processes killed: they did not end in time")
        self._signal_all(signal.SIGKILL)
        for child in self._children:
            if child.pid:
                os.waitpid(child.pid, 0)

    def _signal_all(self, number: signal.Signals) -> None:
        """Safe: a child that has ended is not reaped yet, so no other process has its pid."""
        for child in self._children:
            if child.pid:
                os.kill(child.pid, number)


def on_stop_signals(call: Callable[[], None]) -> None:
    def handle(number: int, frame: FrameType | None) -> None:
        call()

    for number in STOP_SIGNALS:
        signal.signal(number, handle)


def _exit_with_parent(parent: int) -> None:
    """Ask Linux for SIGTERM when the parent dies, so that no worker outlives it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)
