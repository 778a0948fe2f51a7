"""Throw-away PostgreSQL and Redis for tests, on ports of their own, in a folder that the caller may delete after."""

import contextlib
import itertools
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from stack import ports, processes
from stack.credentials import make_secrets
from stack.environment import build_environment
from stack.home import ROOT, Home
from stack.processes import Record
from stack.stores import running_databases, stores_of

_runs = itertools.count(1)


@contextmanager
def embedded_databases(folder: Path, *, durable: bool = False) -> Iterator[dict[str, str]]:
    """Start both, make the databases, and give the environment that the programs read; stop both in the end.

    `folder` becomes the `var` of this little stack. Unless `durable`, a crash of the machine may ruin the data. The
    settings module is the tests' one; nothing listens on the ports of web, live push and NATS.
    """
    home = Home(root=ROOT, var=folder.absolute())
    home.make_folders()
    chosen, secrets = ports.fresh_ports(), make_secrets()
    values = build_environment(home, chosen, secrets)
    values["DJANGO_SETTINGS_MODULE"] = "server.config.settings.test"
    with running_databases(home, stores_of(home, chosen, secrets, durable=durable)):
        yield values


@contextmanager
def throw_away_folder(parent: Path) -> Iterator[Path]:
    """A folder for one run, deleted in the end; those of runs that were killed are deleted in the beginning."""
    parent.mkdir(parents=True, exist_ok=True)
    for old in parent.iterdir():
        _sweep(old)
    folder = parent / f"{os.getpid()}-{next(_runs)}"  # one process may need several at a time
    folder.mkdir()
    owner = processes.record_of("test", os.getpid())
    if owner:
        (folder / "owner.json").write_text(json.dumps(asdict(owner)))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(folder: Path) -> None:
    with contextlib.suppress(OSError, ValueError, TypeError):
        if processes.is_alive(Record(**json.loads((folder / "owner.json").read_text()))):
            return
    for name, program in (("postgres", "postgres"), ("redis", "redis-server")):
        processes.kill(processes.servers_in(folder / name, program))
    shutil.rmtree(folder, ignore_errors=True)
