"""One stack at a time in one `var` folder."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from stack.errors import StackError
from stack.home import Home, write_private


@dataclass(frozen=True)
class LockHolder:
    """The process that holds the lock. `address` is empty for a command that only uses the
    databases."""

    pid: int
    address: str


class AlreadyRunning(StackError):
    """Another process holds the lock."""

    def __init__(self, holder: LockHolder | None) -> None:
        if holder is None:
            cause = "another start is in progress"
        elif holder.address:
            cause = f"Fieldline is already running at {holder.address} (./inv down stops it)"
        else:
            cause = f"another ./inv command is using the databases (pid {holder.pid}): wait until it ends"
        super().__init__(cause)


@contextmanager
def hold_lock(home: Home) -> Iterator[None]:
    """Hold the lock for the block; it is released when this process ends, however it ends. Raises
    AlreadyRunning.

    It is a record lock (lockf), not a flock, which the supervisor's children would keep after it
    was killed.
    """
    with (home.run / "lock").open("a") as stream:
        try:
            fcntl.lockf(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRunning(_stored_holder(home)) from error
        publish_address(home, "")
        try:
            yield
        finally:
            (home.run / "running.json").unlink(missing_ok=True)


def publish_address(home: Home, address: str) -> None:
    """Store our address for processes that find the lock taken."""
    write_private(home.run / "running.json", json.dumps(asdict(LockHolder(os.getpid(), address))))


def current_holder(home: Home) -> LockHolder | None:
    """Returns the holder of the lock; None when it is free."""
    lock = home.run / "lock"
    if not lock.exists():
        return None
    with lock.open("a") as stream:
        try:
            fcntl.lockf(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return _stored_holder(home)
    return None


def _stored_holder(home: Home) -> LockHolder | None:
    try:
        return LockHolder(**json.loads((home.run / "running.json").read_text()))
    except (OSError, ValueError, TypeError):
        return None
