"""The folders of the embedded stack: everything it writes is below `var/`."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from stack.errors import StackError

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Home:
    """`root` holds the code; `var` holds all state. Both absolute."""

    root: Path
    var: Path

    @property
    def log(self) -> Path:
        return self.var / "log"

    @property
    def run(self) -> Path:
        return self.var / "run"

    @property
    def sign_in(self) -> Path:
        """The first sign-in, from the creation of the account until the terminal has shown it."""
        return self.var / "first-sign-in"

    def log_of(self, name: str) -> Path:
        return self.log / f"{name}.log"

    def make_folders(self) -> None:
        # Others may pass through `var` (the database runs as another user under root) but not look
        # around.
        _private_folder(self.var, 0o711)
        for folder in (self.log, self.run, self.var / "objects", self.var / "mail"):
            _private_folder(folder, 0o700)


def default_home() -> Home:
    """The checkout's own `var`, unless FIELDLINE_VAR names another folder (a bigger disk, a second
    stack)."""
    return Home(root=ROOT, var=Path(os.environ.get("FIELDLINE_VAR") or ROOT / "var").absolute())


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner only: a reader sees the old text or the new
    one, never half."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w") as stream:
        stream.write(text)
    Path(name).replace(path)


def _private_folder(folder: Path, mode: int) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if folder.stat().st_uid == os.geteuid():
            folder.chmod(mode)
        # Tested by writing: what root may do in a folder of another user depends on the machine.
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise StackError(
            f"cannot write in {folder} ({error.strerror}). It belongs to {_owner(folder)}: "
            "run as that user, or give the folder to yourself with chown -R"
        ) from error


def _owner(folder: Path) -> str:
    while not folder.exists():
        folder = folder.parent
    return folder.owner()
