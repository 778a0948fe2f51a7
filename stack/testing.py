"""Throw-away PostgreSQL and Redis for tests, on ports of their own."""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stack import owned, ports
from stack.home import ROOT, Home
from stack.servers import postgres_place
from stack.servers.stores import build_stores, running_databases
from stack.settings import build_environment, make_secrets

_runs = itertools.count(1)


@contextmanager
def embedded_databases(folder: Path, *, durable: bool = False) -> Iterator[dict[str, str]]:
    """Run both for the block; yields the environment of the programs.

    `folder` becomes their `var`. Unless `durable`, a crash of the machine may ruin the data. The
    settings module is that of the tests; nothing listens on the ports of web, live push and NATS.
    """
    home = Home(root=ROOT, var=folder.absolute())
    home.make_folders()
    chosen, secrets = ports.fresh_ports(), make_secrets()
    values = build_environment(home, chosen, secrets)
    values["DJANGO_SETTINGS_MODULE"] = "server.config.settings.test"
    stores = build_stores(home, chosen, secrets, durable=durable)
    with running_databases(home, stores):
        stores.postgres.allow_tests()
        yield values


@contextmanager
def throw_away_folder(parent: Path) -> Iterator[Path]:
    """A folder for the block, deleted at its end. Folders of killed runs are deleted first."""
    parent.mkdir(parents=True, exist_ok=True)
    for old in parent.iterdir():
        if owned.is_abandoned(old):
            owned.remove_folder(old)
    folder = parent / f"{os.getpid()}-{next(_runs)}"  # one process may need several at a time
    folder.mkdir()
    owned.mark_owned(folder)
    try:
        yield folder
    finally:
        postgres_place.remove_place(folder / "postgres")
        owned.remove_folder(folder)
