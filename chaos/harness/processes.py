"""Starting, killing and restarting processes, and waiting for what they do. Signals go only to
processes we started."""

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
    """Returns the first true value of `condition`. Raises AssertionError when there is none in
    time."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        threading.Event().wait(_POLL_EVERY_S)
    return answer


class ManagedProcess:
    """A process with its children, in a session of its own."""

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
        """Kill this process but not its children."""
        if self._running is not None:
            self._running.kill()
            self._running.wait()
            self._running = None

    def kill_all(self) -> None:
        """Kill the process and its children at once, as a power cut would."""
        if self._running is not None:
            os.killpg(self._running.pid, signal.SIGKILL)
            self._running.wait()
            self._running = None

    def stop(self, seconds: float = 10.0) -> None:
        """Stop it as the supervisor does: with its signal, then with SIGKILL when the time is
        up."""
        if self._running is None:
            return
        self._running.send_signal(self._stop_signal)
        try:
            self._running.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill_all()
        self._running = None

    def children(self) -> list[int]:
        return children_of(self.pid)


def children_of(pid: int) -> list[int]:
    """Returns the process ids of its children; none when it has ended."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in text.split()]


def kill_one(pid: int) -> bool:
    """Returns whether the process was still there."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def is_gone(pid: int) -> bool:
    """Whether a process has ended; a zombie counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
