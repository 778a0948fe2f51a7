"""Processes that are started, killed and started again, and waiting for what they do. Signals go to our own by their id."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeVar

T = TypeVar("T")

_POLL_EVERY_S: Final = 0.002


def wait_until(condition: Callable[[], T], *, what: str, seconds: float = 20) -> T:
    """The first answer that is true. Fails when none comes in time."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        threading.Event().wait(_POLL_EVERY_S)
    return answer


class ManagedProcess:
    """One process and those it starts: a session of its own."""

    def __init__(
        self,
        name: str,
        argv: tuple[str, ...],
        *,
        cwd: Path,
        env: Mapping[str, str],
        log: Path,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name, self._argv, self._cwd, self._env, self._log = name, argv, cwd, dict(env), log
        self._stop_signal = stop_signal
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        return self._running is not None

    @property
    def pid(self) -> int:
        if self._running is None:
            raise RuntimeError(f"{self.name} does not run")
        return self._running.pid

    def start(self) -> None:
        with self._log.open("ab", buffering=0) as log:
            self._running = subprocess.Popen(
                self._argv,
                cwd=self._cwd,
                env={**os.environ, **self._env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """This process alone; what becomes of its children is its own affair."""
        if self._running is not None:
            self._running.kill()
            self._running.wait()
            self._running = None

    def kill_all(self) -> None:
        """The process and its children, at once: the machine's power is gone."""
        if self._running is not None:
            os.killpg(self._running.pid, signal.SIGKILL)
            self._running.wait()
            self._running = None

    def stop(self, seconds: float = 10.0) -> None:
        """As the supervisor does; insists in the end."""
        if self._running is None:
            return
        self._running.send_signal(self._stop_signal)
        try:
            self._running.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill_all()
        self._running = None

    def children(self) -> list[int]:
        """Process ids, as of this moment."""
        try:
            text = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        except OSError:
            return []
        return [int(pid) for pid in text.split()]


def kill_one(pid: int) -> bool:
    """Whether it was still there."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def is_gone(pid: int) -> bool:
    """Also when only its entry is left, for whoever asks how it ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
