"""The place of PostgreSQL under root in a closed folder such as `/root`: `/var/lib/fieldline`,
which its user can reach.

`var/postgres` is then a symbolic link into a place; the file `var` in the place holds the path of
that link.
"""

import os
import secrets
import shutil
import tempfile
from pathlib import Path

from stack import owned, privileges
from stack.errors import StackError
from stack.privileges import PLACES
from stack.servers import binaries

OWNER = "var"  # in a place: the path of the link that leads to it


def postgres_program(name: str) -> Path:
    """Returns the installed program, or a copy of it where PostgreSQL's user cannot reach that."""
    installed = binaries.postgres_program(name)
    if not privileges.is_root() or privileges.is_open_to_others(installed):
        return installed
    copy = PLACES / f"postgresql-{binaries.POSTGRES_MAJOR}-{binaries.postgres_package_version()}"
    site = binaries.site_packages()
    if not copy.exists():
        _copy_programs(site, copy)
    return copy / installed.relative_to(site)


def needs_place(data: Path) -> bool:
    """Whether PostgreSQL's user could not reach `data`."""
    return privileges.is_root() and not data.is_symlink() and not privileges.is_open_to_others(data.parent)


def make_place(link: Path) -> Path:
    """Make an empty place for the data of `link`. It is abandoned, and removed later, unless
    `link_place` follows."""
    remove_abandoned()
    place = privileges.make_places() / secrets.token_hex(4)
    place.mkdir(mode=0o711)
    owned.mark_owned(place)
    (place / OWNER).write_text(f"{link}\n")
    return place


def link_place(link: Path, data: Path, *, throw_away: bool = False) -> None:
    """Point `link` to `data`, which is in a new place. A throw-away place is removed after this
    process has ended."""
    made = link.with_name(f".{link.name}-link")
    made.unlink(missing_ok=True)
    made.symlink_to(data)
    made.rename(link)
    if not throw_away:
        owned.remove_mark(data.parent)


def move_to_place(data: Path) -> None:
    """Move existing data to a place, after their folder was closed."""
    moved = make_place(data) / data.name
    shutil.move(data, moved)
    link_place(data, moved)


def check_link(link: Path) -> None:
    """Raises StackError for a link that leads nowhere, or to the data of another `var`: two servers
    would ruin them."""
    if not link.is_symlink():
        return
    data = link.resolve()
    if not data.exists():
        raise StackError(
            f"{link} leads to {data}, which is gone: restore it from a backup, or remove the link to start without data"
        )
    owner = Path((data.parent / OWNER).read_text().strip())
    if owner == link:
        return
    if owner.is_symlink() and owner.resolve() == data:
        raise StackError(
            f"{data} is the database of {owner}, of which {link} is a copy: "
            "copy the data too (docs/operations/embedded.md, part 4)"
        )
    (data.parent / OWNER).write_text(f"{link}\n")  # `var` has moved


def remove_place(link: Path) -> None:
    """Remove the place that a link leads to, with its server."""
    if link.is_symlink():
        owned.remove_folder(link.resolve().parent)


def remove_abandoned() -> None:
    """Remove the places that tests and interrupted starts have left."""
    if not privileges.is_root() or not PLACES.exists():
        return
    for mark in PLACES.glob(f"*/{owned.MARK}"):
        if owned.is_abandoned(mark.parent):
            owned.remove_folder(mark.parent)


def _copy_programs(site: Path, copy: Path) -> None:
    """Copy PostgreSQL's programs and rename the folder when it is complete: another start may do
    the same."""
    with tempfile.TemporaryDirectory(dir=privileges.make_places(), prefix=".programs-") as scratch:
        new = Path(scratch) / "new"
        for folder in binaries.POSTGRES_FOLDERS:
            shutil.copytree(site / folder, new / folder, symlinks=True)
        for path in [new, *new.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        try:
            new.rename(copy)
        except OSError:
            if not copy.exists():
                raise
