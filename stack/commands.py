"""Commands in the foreground. They use the running stack; without one, databases are started for
the command."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType

from stack import lock, ports
from stack.errors import StackError
from stack.home import Home
from stack.processes import stop_leftover_processes
from stack.servers.stores import build_stores, running_databases
from stack.services import manage_command
from stack.settings import (
    build_environment,
    environment_file,
    load_or_make_secrets,
    read_environment,
    write_environment,
)


def run(argv: Sequence[str], cwd: Path, env: Mapping[str, str]) -> int:
    """Run in the foreground; returns the exit code."""
    with _sigterm_as_exit(), subprocess.Popen(argv, cwd=cwd, env=dict(env)) as child:
        try:
            return _wait(child)
        finally:
            if child.poll() is None:
                child.terminate()


def _wait(child: subprocess.Popen[bytes]) -> int:
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:  # the child got it, too, and ends by itself
            continue


@contextmanager
def _sigterm_as_exit() -> Iterator[None]:
    """Turn SIGTERM into SystemExit, so that context managers are left."""

    def leave(number: int, frame: FrameType | None) -> None:
        sys.exit(128 + number)

    previous = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def manage(home: Home, words: Sequence[str]) -> int:
    """Run `manage.py`; returns its exit code."""
    home.make_folders()
    with database_environment(home) as values:
        return run(manage_command(*words), cwd=home.root, env={**os.environ, **values})


def send_report(home: Home, values: Sequence[str]) -> int:
    """Let the demo's board report these temperatures, or what it has measured. Returns the exit
    code; raises StackError."""
    holder = lock.current_holder(home)
    if holder is None or not holder.address:
        raise StackError(
            "Fieldline is not running: start it with ./inv up --demo, then run this in another terminal"
        )
    words = ("--address", holder.address, "--values", *values)
    env = {**os.environ, "FIELDLINE_VAR": str(home.var)}
    return run((sys.executable, "-m", "demo.send_report", *words), cwd=home.root, env=env)


@contextmanager
def database_environment(home: Home) -> Iterator[dict[str, str]]:
    """The environment of the running stack. When none runs, its databases are started for the
    block."""
    holder = lock.current_holder(home)
    if holder and holder.address:
        yield read_environment(environment_file(home))
        return
    with lock.hold_lock(home), closing(ports.Reservation()) as reservation:
        print("The stack is not running: its databases are started for this command.", file=sys.stderr)
        stop_leftover_processes(home)
        chosen = ports.choose_ports(reservation, ports.remembered_ports(home.var / "ports.json"))
        secrets = load_or_make_secrets(home.var / "secrets.json")
        values = build_environment(home, chosen, secrets)
        write_environment(environment_file(home), values)
        with running_databases(home, build_stores(home, chosen, secrets)):
            yield values
