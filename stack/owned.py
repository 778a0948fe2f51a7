"""Folders that belong to one process, and go with it: the next run removes those of processes that are no more."""

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
    """The folder is ours from now on."""
    owner = processes.record_of("owner", os.getpid())
    if owner:
        # In one step: half a mark would be taken for an abandoned folder.
        write_private(folder / MARK, json.dumps(asdict(owner)))


def remove_mark(folder: Path) -> None:
    """It stays when we end."""
    (folder / MARK).unlink()


def is_abandoned(folder: Path) -> bool:
    """Its mark names a process that is no more, or is damaged."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        return not processes.is_alive(Record(**json.loads((folder / MARK).read_text())))
    return True


def remove_folder(folder: Path) -> None:
    """With the database servers that still run in it."""
    for name, program in SERVERS:
        processes.kill(processes.servers_in((folder / name).resolve(), program))
    shutil.rmtree(folder, ignore_errors=True)
