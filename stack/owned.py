"""Folders that belong to one process: the next run removes those of processes that have ended."""

import contextlib
import json
import os
import shutil
from dataclasses import asdict
from pathlib import Path

from stack import processes
from stack.home import write_private
from stack.processes import Record

MARK = "owner.json"
SERVERS = (("postgres", "postgres"), ("redis", "redis-server"))


def mark_owned(folder: Path) -> None:
    """Mark the folder as this process's own."""
    owner = processes.record_of("owner", os.getpid())
    if owner:
        # In one step: another process would take half a mark for an abandoned folder.
        write_private(folder / MARK, json.dumps(asdict(owner)))


def remove_mark(folder: Path) -> None:
    """Keep the folder when this process ends."""
    (folder / MARK).unlink()


def is_abandoned(folder: Path) -> bool:
    """Whether its mark names a process that has ended, or is damaged."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        return not processes.is_alive(Record(**json.loads((folder / MARK).read_text())))
    return True


def remove_folder(folder: Path) -> None:
    """Remove the folder, and kill the database servers that still run in it."""
    for name, program in SERVERS:
        processes.kill(processes.servers_in((folder / name).resolve(), program))
    shutil.rmtree(folder, ignore_errors=True)
