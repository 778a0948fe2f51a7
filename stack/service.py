"""One process of the stack: what to run, where, with which environment, and how to ask it to stop."""

import os
import shlex
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Service:
    name: str
    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str] = field(default_factory=dict)  # added to ours
    stop_signal: signal.Signals = signal.SIGTERM
    holds_data: bool = False  # started before, stopped after, and not shown on the terminal

    def full_environment(self) -> dict[str, str]:
        return {**os.environ, **self.env}

    def shell_line(self, after: Path | None = None) -> str:
        """For a shell; `exec`, so that the process we signal is the service itself. With `after`, wait for that file."""
        command = f"exec {shlex.join(self.argv)}"
        if after is None:
            return command
        return f"until [ -e {shlex.quote(str(after))} ]; do sleep 0.05; done; {command}"
