"""The processes of an installation, each of which is started, killed and started again. Signals go to our own by their id."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

LOOK_EVERY_S = 0.01


class Part:
    """One process and those it starts: a session of its own."""

    def __init__(
        self, name: str, argv: tuple[str, ...], *, cwd: Path, env: Mapping[str, str], log: Path
    ) -> None:
        self.name, self._argv, self._cwd, self._env, self._log = name, argv, cwd, dict(env), log
        self._running: subprocess.Popen[bytes] | None = None

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

    def stop(self, number: signal.Signals, seconds: float = 10.0) -> None:
        """As the supervisor does; insists in the end."""
        if self._running is None:
            return
        self._running.send_signal(number)
        try:
            self._running.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill_all()
        self._running = None

    def children(self) -> list[int]:
        """Process ids, as of this moment."""
        try:
            return [
                int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
            ]
        except OSError:
            return []


def kill_one(pid: int) -> bool:
    """Whether it was still there."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def gone(pids: list[int], seconds: float = 10.0) -> bool:
    """Whether they all are, in time."""
    deadline = time.monotonic() + seconds
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_EVERY_S)
    return True
