"""Records of the processes we started: a process id alone may later belong to another program."""

import contextlib
import json
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from stack.home import Home, write_private

POLL_SECONDS = 0.05
STOP_SIGNALS = {  # of servers that keep data; everything else gets SIGTERM
    "postgres": signal.SIGINT,
    "redis": signal.SIGTERM,
    "nats": signal.SIGTERM,
    "elasticmq": signal.SIGTERM,
}
STOP_SECONDS = 3.0


@dataclass(frozen=True)
class Record:
    name: str
    pid: int
    started: str  # boot id and start time in clock ticks since that boot: unique for a pid


def started_at(pid: int) -> str | None:
    """Returns when a process started; None when there is no such process, or it is a zombie.

    psutil's start time depends on the wall clock, which may be set between our record and the next
    check.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name in brackets may hold blanks and brackets itself; state is field 3, start time field
    # 22 (proc(5)).
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
    """Returns the records; none when the file is missing or damaged, for instance by a crash."""
    try:
        return [
            Record(str(e["name"]), int(e["pid"]), str(e["started"])) for e in json.loads(path.read_text())
        ]
    except (OSError, ValueError, TypeError, KeyError):
        return []


def servers_in(folder: Path, program: str) -> list[Record]:
    """Returns the running processes of `program` that serve `folder`, also those without a
    record."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # hidden from us, or ended meanwhile
            serves = _serves_by_command_line(process, folder, program) or _serves_by_working_folder(
                process, folder, program
            )
            if serves and (record := record_of(program, process.pid)):
                found.append(record)
    return found


def _serves_by_command_line(process: psutil.Process, folder: Path, program: str) -> bool:
    """By its command line, which every user may read."""
    words = process.cmdline()
    below = f"{folder}{os.sep}"
    return (
        bool(words)
        and Path(words[0]).name == program
        and any(word == str(folder) or word.startswith(below) for word in words)
    )


def _serves_by_working_folder(process: psutil.Process, folder: Path, program: str) -> bool:
    """By its working folder, for the helper processes of a server, which change their command
    line."""
    return process.cwd() == str(folder.resolve()) and Path(process.exe()).name == program


def send_signal(record: Record, number: signal.Signals) -> None:
    """Signal a process if it is still the one of the record."""
    if is_alive(record):
        try:
            os.kill(record.pid, number)
        except ProcessLookupError:
            return


def kill_group(record: Record) -> None:
    """Kill a process and, when it leads a process group, the group."""
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
    """Returns those that are still alive when the time is up."""
    deadline = time.monotonic() + seconds
    left = [each for each in records if is_alive(each)]
    while left and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        left = [each for each in left if is_alive(each)]
    return left


def stop(records: Iterable[Record], number: signal.Signals, seconds: float) -> None:
    """Send a signal, wait, then kill."""
    records = list(records)
    for each in records:
        send_signal(each, number)
    for each in wait_until_gone(records, seconds):
        kill_group(each)
    wait_until_gone(records, seconds=2.0)


def kill(records: Iterable[Record]) -> None:
    """Kill at once, for processes whose data are not needed."""
    stop(records, signal.SIGKILL, seconds=2.0)


def stop_leftover_processes(home: Home) -> bool:
    """Stop what a killed supervisor left running, programs before databases. Returns whether there
    was anything."""
    path = home.run / "processes.json"
    alive = [each for each in read_records(path) if is_alive(each)]
    programs = [each for each in alive if each.name not in STOP_SIGNALS]
    stop(programs, signal.SIGTERM, STOP_SECONDS)
    for each in alive:
        if each.name in STOP_SIGNALS:
            stop([each], STOP_SIGNALS[each.name], STOP_SECONDS)
    path.unlink(missing_ok=True)
    return bool(alive)
