"""A machine on which the stack cannot run gets one line, before anything is installed."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from stack import bootstrap, privileges
from stack.errors import StackError
from stack.home import ROOT, Home

as_root = pytest.mark.skipif(not privileges.is_root(), reason="Only root may give up rights.")


def test_the_bootstrap_needs_nothing_that_has_to_be_installed() -> None:
    script = "import sys; sys.path.insert(0, sys.argv[1]); import stack.bootstrap"

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, str(ROOT)], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_this_machine_will_do(open_folder: Path) -> None:
    (open_folder / "checkout").mkdir(mode=0o711)
    home = Home(root=open_folder / "checkout", var=open_folder / "checkout" / "var")

    bootstrap.check_machine(home.root, home)

    assert home.var.is_dir()


def test_a_checkout_of_another_user_is_named(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: path != open_folder)

    with pytest.raises(StackError, match=f"cannot write in {open_folder}: run as the user it belongs to"):
        bootstrap.check_machine(open_folder, Home(root=open_folder, var=open_folder / "var"))


@as_root
@pytest.mark.parametrize("right", ["setuid", "setgid", "chown", "dac_override", "kill"])
def test_root_that_may_not_start_postgresql_is_asked_to_be_a_plain_user(
    open_folder: Path, right: str
) -> None:
    script = "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path; from stack import privileges\n"
    script += "try: privileges.check(Path('/'), Path('/'))\nexcept Exception as error: print(error)"
    without = ["setpriv", f"--bounding-set=-{right}", f"--inh-caps=-{right}"]

    done = subprocess.run(
        [*without, sys.executable, "-I", "-c", script, str(ROOT)], capture_output=True, text=True, check=False
    )

    assert f"root may not change users here (no CAP_{right.upper()}): use a plain user" in done.stdout


def test_a_user_id_without_a_name_is_refused(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)

    with pytest.raises(StackError, match="user id 4000000 has none"):
        privileges.check(open_folder, open_folder)


@as_root
def test_a_closed_folder_without_another_place_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(privileges, "PLACES", Path("/proc/fieldline"))
    (tmp_path / "var").mkdir(mode=0o700)

    with pytest.raises(
        StackError,
        match=r"closed to PostgreSQL's user, and /proc/fieldline cannot be made .*: open every folder",
    ):
        privileges.check(tmp_path / "var" / "program", tmp_path / "var")


def test_temporary_files_go_to_var_where_tmp_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", "")  # so that it is put back also where it was not set
    monkeypatch.delenv("TMPDIR")
    monkeypatch.setattr(tempfile, "gettempdir", os.getcwd)

    bootstrap.find_temporary_folder(Home(root=tmp_path, var=tmp_path / "var"))

    assert os.environ["TMPDIR"] == str(tmp_path / "var" / "tmp")
    assert (tmp_path / "var" / "tmp").is_dir()
