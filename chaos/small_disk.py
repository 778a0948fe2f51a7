"""A disk of a few megabytes in memory that can be filled. Only root may mount one; without it the
disk faults are left out."""

import contextlib
import subprocess
from pathlib import Path

from stack import privileges

SIZE_MB = 400


class SmallDisk:
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "small-disk"
        self.folder.mkdir()
        self.is_mounted = _try_mount(self.folder)

    @property
    def data(self) -> Path:
        """An empty folder of the database's user, for a tablespace."""
        return self.folder / "data"

    def fill(self) -> None:
        """Leave no byte free."""
        block = bytes(1 << 20)
        with (self.folder / "filler").open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:  # a part of a block is written too; then the next one fails
                file.write(block)

    def empty(self) -> None:
        (self.folder / "filler").unlink(missing_ok=True)

    def unmount(self) -> None:
        if self.is_mounted:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=False)
            self.is_mounted = False


def _try_mount(folder: Path) -> bool:
    if not privileges.is_root() or not privileges.is_open_to_others(folder):
        return False
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=755", "fieldline-chaos", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        return False
    data = folder / "data"
    data.mkdir(mode=0o700)
    privileges.give_to_database_user(data)
    return True


def unmount_leftovers(parent: Path) -> None:
    """Unmount the disks of runs that were killed."""
    for line in Path("/proc/mounts").read_text().splitlines():
        where = Path(line.split()[1])
        if where.name == "small-disk" and where.parent.parent == parent and not _is_owned(where.parent):
            subprocess.run(["umount", "--lazy", str(where)], check=False)


def _is_owned(folder: Path) -> bool:
    """Whether the run is alive: its process id is the first half of the folder's name."""
    pid = folder.name.partition("-")[0]
    return pid.isdecimal() and Path(f"/proc/{pid}").exists()
