"""The processes of the stack: what a service is, and which ones the product has."""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stack.home import Home
from stack.ports import HOST


@dataclass(frozen=True)
class Service:
    name: str
    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str] = field(default_factory=dict)  # added to ours
    stop_signal: signal.Signals = signal.SIGTERM
    holds_data: bool = False  # started before the others, stopped after them, not shown on the terminal
    before_restart: Callable[[], None] | None = None  # removes what would keep it from starting

    def full_environment(self) -> dict[str, str]:
        return {**os.environ, **self.env}


@dataclass(frozen=True)
class SetupCommand:
    """A command that runs once the databases answer. Its stdout is shown on the terminal."""

    name: str
    title: str
    argv: tuple[str, ...]


@dataclass(frozen=True)
class Programs:
    setup: tuple[SetupCommand, ...]
    services: tuple[Service, ...]


def manage_command(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "server.manage", *words)


def product_programs(home: Home, environment: Mapping[str, str], demo: bool) -> Programs:
    prepare = manage_command("prepare", "--sign-in-to", str(home.sign_in))
    setup = [SetupCommand("prepare", "Setting up the databases", prepare)]
    commands = {
        "web": _web(environment["WEB_PORT"]),
        "worker": _worker(environment),
        "live": _live(environment["LIVE_PORT"]),
    }
    if demo:
        setup.append(SetupCommand("demo-data", "Making the demo's devices", manage_command("demo-data")))
        commands["demo"] = (sys.executable, "-m", "demo")
    # Lines should reach the log when they are printed.
    env = {**environment, "PYTHONUNBUFFERED": "1"}
    services = [
        Service(name, argv, cwd=home.root, env={**env, **_metrics_folder(home, name)})
        for name, argv in commands.items()
    ]
    return Programs(tuple(setup), tuple(services))


def _metrics_folder(home: Home, name: str) -> dict[str, str]:
    """The folder in which the processes of a service share their metrics, emptied at each start."""
    folder = home.run / "metrics" / name
    shutil.rmtree(folder, ignore_errors=True)
    return {"PROMETHEUS_MULTIPROC_DIR": str(folder)}


def _worker(environment: Mapping[str, str]) -> tuple[str, ...]:
    # A long poll cannot be interrupted, and all programs have to stop within five seconds.
    options = ("--wait", "2") if environment.get("QUEUE_BACKEND") == "sqs" else ()
    return manage_command("sqs-loop-worker", *options)


def _web(port: str) -> tuple[str, ...]:
    workers = ("--processes", "2", "--threads", "4")
    return (sys.executable, "-m", "server.config.web", "--bind", f"{HOST}:{port}", *workers)


def _live(port: str) -> tuple[str, ...]:
    address = ("--host", HOST, "--port", port)
    options = ("--timeout-graceful-shutdown", "2", "--log-level", "warning")
    return (sys.executable, "-m", "uvicorn", "server.config.asgi:application", *address, *options)
