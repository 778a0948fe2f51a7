"""PostgreSQL refuses to run as root, so under root it runs as `nobody`.

A checkout below `/root` (mode 0700) is closed to `nobody`. Rather than ask people to move it, the database keeps one
right of root: to read and pass through any folder (CAP_DAC_READ_SEARCH). It writes only to its own data folder.
Containers often take that right from root, too; then the folder must be open to others.
"""

import os
import shutil
import subprocess
from pathlib import Path

from stack.errors import StackError

NOBODY = 65534
CAP_DAC_READ_SEARCH = 2  # linux/capability.h


def database_prefix() -> tuple[str, ...]:
    """What to put before a database program's command; nothing for a plain user."""
    if os.geteuid() != 0:
        return ()
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise StackError(
            "PostgreSQL does not run as root and setpriv is missing: apt-get install util-linux, or use a plain user"
        )
    plain = (setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    if not _may_read_everything():
        return plain
    return (*plain, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")


def hand_over(path: Path) -> None:
    """Under root: give a file, or a folder and what is in it, to the database's user, unless it has it."""
    if os.geteuid() != 0 or path.stat().st_uid == NOBODY:
        return
    try:
        for parent, folders, files in os.walk(path):
            for name in [*folders, *files]:
                os.chown(Path(parent) / name, NOBODY, NOBODY, follow_symlinks=False)
        os.chown(path, NOBODY, NOBODY)  # last: it says that the rest is done
    except OSError as error:
        raise StackError(
            f"cannot give {path} to the user nobody ({error.strerror}): use a plain user"
        ) from error


def check_reach(program: Path, folder: Path) -> None:
    """Under root without the right to read everything: can `nobody` reach the program and its data?"""
    prefix = database_prefix()
    if not prefix or _may_read_everything():
        return
    for flag, path in (("-x", program), ("-w", folder)):
        if subprocess.run([*prefix, "test", flag, str(path)], cwd="/", check=False).returncode != 0:
            raise StackError(
                f"PostgreSQL does not run as root, and the user nobody cannot reach {path}: "
                "move the checkout to a folder open to others, or use a plain user"
            )


def _may_read_everything() -> bool:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) >> CAP_DAC_READ_SEARCH & 1)
    return False
