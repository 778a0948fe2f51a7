"""Where the clients live: `var/clients`, made once for the pins that are asked for.

The registry of a language may be out of reach, or npm not installed. Then the runs are left out
here, and the line above pytest's closing line says so. On CI the Python clients must run, since
what we need ourselves comes from the same registry; the one for Node runs where its registry is
there.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final, NoReturn

import pytest

from stack.home import ROOT

CLIENTS: Final = ROOT / "var" / "clients"
PROGRAMS: Final = Path(__file__).parent / "programs"
PINS: Final = ROOT / "requirements" / "clients.txt"
INSTALL_S: Final = 600.0
_DONE: Final = "done"


def python_environment() -> Path:
    """The Python of a virtual environment with the Python clients."""
    folder = _folder("python", PINS)
    if not (folder / _DONE).exists():
        shutil.rmtree(folder, ignore_errors=True)
        _install([sys.executable, "-m", "venv", str(folder)], ROOT)
        pip = [str(folder / "bin" / "pip"), "install", "--quiet", "--require-hashes"]
        _install([*pip, "--requirement", str(PINS)], ROOT)
        (folder / _DONE).touch()
    return folder / "bin" / "python"


def node_environment() -> Path:
    """The folder with the `node_modules` of the TypeScript client."""
    if shutil.which("npm") is None:
        _leave_out("npm is not installed (apt-get install npm).")
    lock = PROGRAMS / "package-lock.json"
    folder = _folder("node", lock)
    if not (folder / _DONE).exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(PROGRAMS / name, folder / name)
        npm = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        _install(npm, folder, left_out_on_ci_too=True)
        (folder / _DONE).touch()
    return folder


def _folder(name: str, pins: Path) -> Path:
    """Returns a folder whose name depends on the pins."""
    version = hashlib.sha256(pins.read_bytes() + sys.version.encode()).hexdigest()[:12]
    return CLIENTS / f"{name}-{version}"


def _install(argv: list[str], folder: Path, *, left_out_on_ci_too: bool = False) -> None:
    CLIENTS.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run(
            argv, cwd=folder, capture_output=True, text=True, timeout=INSTALL_S, check=False
        )
    except subprocess.TimeoutExpired:
        _leave_out(f"{argv[0]} took longer than {INSTALL_S:.0f} s", on_ci_too=left_out_on_ci_too)
    if done.returncode != 0:
        why = f"{Path(argv[0]).name} failed: {(done.stderr or done.stdout).strip()[-400:]}"
        _leave_out(why, on_ci_too=left_out_on_ci_too)


def _leave_out(why: str, *, on_ci_too: bool = False) -> NoReturn:
    if os.environ.get("CI") and not on_ci_too:
        pytest.fail(f"The clients cannot be installed, and on CI nothing may be left out: {why}")
    pytest.skip(f"Left out: runs of clients that others wrote, because {why}")
