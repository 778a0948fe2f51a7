"""One process of the stack: what to run, where, with which environment, and how to ask it to stop."""

import os
import signal
from collections.abc import Callable, Mapping
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
    before_restart: Callable[[], None] | None = None  # after a death: clears what stands in the way

    def full_environment(self) -> dict[str, str]:
        return {**os.environ, **self.env}
