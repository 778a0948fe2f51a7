"""Where PostgreSQL's files lie under root. As a plain user nothing has to be placed anywhere."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack import owned, privileges, processes, testing
from stack.errors import StackError
from stack.home import ROOT, Home
from stack.ports import fresh_ports
from stack.servers import postgres_place
from stack.servers.stores import Stores, build_stores, running_databases
from stack.settings import Secrets, make_secrets

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not privileges.is_root(), reason="As a plain user PostgreSQL runs as that user."),
]


@pytest.fixture
def closed_home() -> Iterator[Home]:
    with tempfile.TemporaryDirectory(prefix="fieldline-") as name:  # mode 0700
        home = Home(root=ROOT, var=Path(name) / "var")
        home.make_folders()
        yield home
        postgres_place.remove_place(home.var / "postgres")


def stores(home: Home, secrets: Secrets | None = None) -> Stores:
    return build_stores(home, fresh_ports(), secrets or make_secrets())


def test_the_database_of_a_closed_folder_lies_where_its_user_reaches_it(closed_home: Home) -> None:
    with running_databases(closed_home, stores(closed_home)):
        [server] = processes.servers_in((closed_home.var / "postgres").resolve(), "postgres")[:1]
        owner = Path(f"/proc/{server.pid}").stat().st_uid

    data = (closed_home.var / "postgres").resolve()
    assert data.parent.parent == privileges.PLACES
    assert data.stat().st_uid == owner == privileges.database_user().pw_uid
    assert stat.S_IMODE(data.stat().st_mode) == 0o700


def test_the_server_has_no_right_of_root(closed_home: Home) -> None:
    with running_databases(closed_home, stores(closed_home)):
        [server] = processes.servers_in((closed_home.var / "postgres").resolve(), "postgres")[:1]
        status = Path(f"/proc/{server.pid}/status").read_text()

    rights = [
        line.split()[1] for line in status.splitlines() if line.startswith(("CapPrm", "CapEff", "CapAmb"))
    ]
    assert {int(each, 16) for each in rights} == {0}


def test_an_open_folder_keeps_its_database(open_folder: Path) -> None:
    home = Home(root=ROOT, var=open_folder / "var")
    home.make_folders()

    stores(home).postgres.prepare()

    assert not (home.var / "postgres").is_symlink()
    assert (home.var / "postgres").stat().st_uid == privileges.database_user().pw_uid


def test_a_folder_that_is_closed_later_gives_up_its_database_with_all_data(open_folder: Path) -> None:
    home, secrets = Home(root=ROOT, var=open_folder / "var"), make_secrets()
    home.make_folders()
    stores(home, secrets).postgres.prepare()
    (home.var / "postgres" / "ours").touch()

    open_folder.chmod(0o700)
    stores(home, secrets).postgres.prepare()

    moved = (home.var / "postgres").resolve()
    assert moved.parent.parent == privileges.PLACES
    assert (moved / "ours").exists()
    postgres_place.remove_place(home.var / "postgres")


def test_a_var_that_moved_keeps_its_database(closed_home: Home) -> None:
    secrets = make_secrets()
    stores(closed_home, secrets).postgres.prepare()
    data = (closed_home.var / "postgres").resolve()

    moved = closed_home.var.rename(closed_home.var.with_name("moved"))
    stores(Home(root=ROOT, var=moved), secrets).postgres.prepare()

    assert (moved / "postgres").resolve() == data
    postgres_place.remove_place(moved / "postgres")


def test_a_copy_of_a_var_does_not_get_the_same_database(closed_home: Home) -> None:
    secrets = make_secrets()
    stores(closed_home, secrets).postgres.prepare()
    copy = closed_home.var.with_name("copy")
    shutil.copytree(closed_home.var, copy, symlinks=True)

    with pytest.raises(StackError, match="copy the data too"):
        stores(Home(root=ROOT, var=copy), secrets).postgres.prepare()


def test_a_link_that_leads_nowhere_is_named(closed_home: Home) -> None:
    (closed_home.var / "postgres").symlink_to("/var/lib/fieldline/none/postgres")

    with pytest.raises(StackError, match="leads to /var/lib/fieldline/none/postgres, which is gone"):
        stores(closed_home).postgres.prepare()


def test_an_interrupted_first_start_leaves_no_place(closed_home: Home) -> None:
    place = postgres_place.make_place(closed_home.var / "postgres")
    (place / owned.MARK).write_text('{"name": "owner", "pid": 1, "started": "an earlier boot:1"}')

    postgres_place.remove_abandoned()

    assert not place.exists()


def test_a_start_in_progress_keeps_its_place(closed_home: Home) -> None:
    place = postgres_place.make_place(closed_home.var / "postgres")

    postgres_place.remove_abandoned()

    assert place.exists()
    owned.remove_folder(place)


def test_throw_away_databases_in_a_closed_folder_go_with_it() -> None:
    with tempfile.TemporaryDirectory(prefix="fieldline-") as name:
        with testing.throw_away_folder(Path(name)) as folder, testing.embedded_databases(folder):
            place = (folder / "postgres").resolve().parent
            there = place.parent == privileges.PLACES

        assert there
        assert not place.exists()


def test_programs_that_others_cannot_reach_are_copied_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privileges, "is_open_to_others", lambda path: False)

    first = postgres_place.postgres_program("postgres")
    second = postgres_place.postgres_program("initdb")

    assert first.parent == second.parent
    assert first.is_relative_to(privileges.PLACES)
    assert os.access(first, os.X_OK)
