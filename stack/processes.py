"""Processes we started, known again later: a process id alone may by then belong to somebody else's program."""

import json
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from stack.home import write_private

POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Record:
    name: str
    pid: int
    started: str  # boot id and start time in clock ticks since that boot: unique for a pid


def started_at(pid: int) -> str | None:
    """When a process started; None when there is none (a zombie, whose parent has yet to look, is none)."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name in brackets may hold blanks and brackets itself; state is field 3, start time field 22 (proc(5)).
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else f"{boot}:{fields[19]}"


def record_of(name: str, pid: int) -> Record | None:
    started = started_at(pid)
    return None if started is None else Record(name, pid, started)


def is_alive(record: Record) -> bool:
    return started_at(record.pid) == record.started


def write_records(path: Path, records: Iterable[Record]) -> None:
    write_private(path, json.dumps([asdict(each) for each in records], indent=2) + "\n")


def read_records(path: Path) -> list[Record]:
    """What was written; nothing when the file is missing or damaged (a crash may have cut it off)."""
    try:
        return [
            Record(str(e["name"]), int(e["pid"]), str(e["started"])) for e in json.loads(path.read_text())
        ]
    except (OSError, ValueError, TypeError, KeyError):
        return []


def servers_in(folder: Path, program: str) -> list[Record]:
    """Running processes of `program` that serve `folder`: a server has its data even if no record says so."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        serves = _is_told_to_serve(process, folder, program) or _works_in(process, folder, program)
        if serves and (record := record_of(program, int(process.name))):
            found.append(record)
    return found


def _is_told_to_serve(process: Path, folder: Path, program: str) -> bool:
    """By its command line, which everybody may read."""
    try:
        words = [os.fsdecode(word) for word in (process / "cmdline").read_bytes().split(b"\0")]
    except OSError:
        return False
    below = f"{folder}{os.sep}"
    return Path(words[0]).name == program and any(
        word == str(folder) or word.startswith(below) for word in words
    )


def _works_in(process: Path, folder: Path, program: str) -> bool:
    """By its working folder: for the helpers of a server, which change their command line."""
    try:
        there = (process / "cwd").readlink() == folder.resolve()
        return there and (process / "exe").readlink().name.removesuffix(" (deleted)") == program
    except OSError:  # not ours to see, or gone meanwhile
        return False


def send(record: Record, number: signal.Signals) -> None:
    """Signal a process if it is still the one we mean."""
    if is_alive(record):
        try:
            os.kill(record.pid, number)
        except ProcessLookupError:
            return


def kill_group(record: Record) -> None:
    """Kill a process and what it started, when it leads a process group; itself alone when not."""
    if not is_alive(record):
        return
    try:
        if os.getpgid(record.pid) == record.pid:
            os.killpg(record.pid, signal.SIGKILL)
        else:
            os.kill(record.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def wait_until_gone(records: Iterable[Record], seconds: float) -> list[Record]:
    """Those still alive when the time is up."""
    deadline = time.monotonic() + seconds
    left = [each for each in records if is_alive(each)]
    while left and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        left = [each for each in left if is_alive(each)]
    return left


def stop(records: Iterable[Record], number: signal.Signals, seconds: float) -> None:
    """Ask, wait, then insist."""
    asked = list(records)
    for each in asked:
        send(each, number)
    for each in wait_until_gone(asked, seconds):
        kill_group(each)
    wait_until_gone(asked, seconds=2.0)


def kill(records: Iterable[Record]) -> None:
    """At once; for processes whose data nobody needs."""
    stop(records, signal.SIGKILL, seconds=2.0)
