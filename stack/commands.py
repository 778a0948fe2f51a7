"""Running a command to its end, with Ctrl-C left to the command."""

import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from stack.errors import StackError
from stack.programs import SetupCommand
from stack.service import Service
from stack.steps import Steps, last_lines, mark_start
from stack.supervisor import Supervisor

CAUSE_LINES = 6
LAST_SECONDS = 5.0


def run(argv: Sequence[str], cwd: Path, env: Mapping[str, str]) -> int:
    """Run in the foreground; gives the exit code."""
    with _sigterm_as_exit(), subprocess.Popen(argv, cwd=cwd, env=dict(env)) as child:
        try:
            return _wait(child)
        finally:
            if child.poll() is None:
                child.terminate()


def run_setup(command: SetupCommand, like: Service, supervisor: Supervisor, steps: Steps, log: Path) -> None:
    """Run a command before the services, in the environment of `like`; its stdout to the terminal, stderr to `log`.

    stdout is not kept: it may hold the first sign-in.
    """
    with log.open("ab", buffering=0) as errors, _start(command, like, errors.fileno()) as child:
        mark_start(errors)
        supervisor.watch(command.name, child.pid)
        shown: deque[str] = deque(maxlen=CAUSE_LINES)
        for line in child.stdout or ():
            shown.append(line.rstrip())
            steps.say(f"    {line.rstrip()}")
        code = child.wait()
    if code != 0 and not supervisor.stopping.is_set():
        cause = last_lines(log, CAUSE_LINES) or "\n".join(shown)
        raise StackError(f"{command.name} ended with exit code {code}\n{cause}", log)


def _start(command: SetupCommand, like: Service, errors: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command.argv,
        cwd=like.cwd,
        env=like.full_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        start_new_session=True,  # Ctrl-C is for the supervisor, which stops it in order
    )


def _wait(child: subprocess.Popen[bytes]) -> int:
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:  # the child got it, too, and says goodbye in its own way
            continue


@contextmanager
def _sigterm_as_exit() -> Iterator[None]:
    """So that what was opened is closed."""

    def leave(number: int, frame: FrameType | None) -> None:
        sys.exit(128 + number)

    previous = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
