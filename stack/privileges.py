"""The users that run PostgreSQL and Redis under root: PostgreSQL refuses to run as root, and a
fault of Redis must not be one of root.

Standard library only: `./inv` calls `check` before anything is installed.
"""

import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

from stack.errors import StackError

USER = "fieldline-db"
REDIS_USER = "fieldline-redis"
PLACES = Path("/var/lib/fieldline")
"""The files of that user when the checkout, or its `var`, is closed to others: see
`stack/servers/postgres_place.py`."""

NEEDED = {"CHOWN": 0, "DAC_OVERRIDE": 1, "KILL": 5, "SETGID": 6, "SETUID": 7}  # linux/capability.h
PASS_AND_READ = stat.S_IXOTH | stat.S_IROTH


def is_root() -> bool:
    return os.geteuid() == 0


def check(program: Path, var: Path) -> None:
    """Raises StackError when PostgreSQL cannot run here. `program` need not exist yet."""
    if not is_root():
        _check_has_name()
        return
    if missing := [f"CAP_{name}" for name, bit in NEEDED.items() if not _capabilities() >> bit & 1]:
        raise StackError(
            f"PostgreSQL does not run as root, and root may not change users here (no {', '.join(missing)}): use a plain user"
        )
    if shutil.which("setpriv") is None:
        raise StackError("PostgreSQL does not run as root and setpriv is missing: apt-get install util-linux")
    for name in (USER, REDIS_USER):
        if not _user_exists(name):
            _check_user_can_be_made(name)
    closed = [each for each in (program, var) if not is_open_to_others(each)]
    if closed:
        try:
            make_places()
        except OSError as error:
            raise StackError(
                f"{closed[0]} is closed to PostgreSQL's user, and {PLACES} cannot be made ({error.strerror}): "
                "open every folder of that path (chmod o+x), or use a plain user"
            ) from error


def make_places() -> Path:
    """Make the folder for what the database's user cannot reach elsewhere. Raises OSError."""
    PLACES.mkdir(mode=0o711, exist_ok=True)
    PLACES.chmod(0o711)  # whatever the umask
    return PLACES


def database_prefix(name: str = USER) -> tuple[str, ...]:
    """Returns the words before a database program's command that change the user; none for a plain
    user."""
    if not is_root():
        return ()
    user = database_user(name)
    setpriv = shutil.which("setpriv") or "setpriv"
    return (setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--no-new-privs")


def database_user(name: str = USER) -> pwd.struct_passwd:
    """Returns the user, which is created when it is missing. It has no password, no shell and no
    home."""
    if not _user_exists(name):
        _check_user_can_be_made(name)
        _make_user(name)
    return pwd.getpwnam(name)


def give_to_database_user(path: Path, name: str = USER) -> None:
    """Under root: change the owner of a file, or of a folder with its content, to the database's
    user. Raises StackError."""
    if not is_root():
        return
    user = database_user(name)
    if path.stat().st_uid == user.pw_uid:
        return
    try:
        for parent, folders, files in os.walk(path):
            for name in [*folders, *files]:
                os.chown(Path(parent) / name, user.pw_uid, user.pw_gid, follow_symlinks=False)
        os.chown(path, user.pw_uid, user.pw_gid)  # last: it marks that the rest is done
    except OSError as error:
        raise StackError(
            f"cannot give {path} to the user {name} ({error.strerror}): use a plain user"
        ) from error


def is_open_to_others(path: Path) -> bool:
    """Whether every user can reach a file or folder; of one that does not exist yet, the folders
    above it."""
    there = _nearest_existing(path.resolve())
    # A program must be readable, too. Its folders need only be passed.
    wanted = PASS_AND_READ if there.is_file() else stat.S_IXOTH
    return _has(there, wanted) and all(_has(each, stat.S_IXOTH) for each in there.parents)


def _check_has_name() -> None:
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError as error:
        raise StackError(
            f"PostgreSQL runs only as a user that has a name, and user id {os.geteuid()} has none: add it to /etc/passwd"
        ) from error


def _has(path: Path, wanted: int) -> bool:
    return path.stat().st_mode & wanted == wanted


def _nearest_existing(path: Path) -> Path:
    return path if path.exists() else _nearest_existing(path.parent)


def _user_exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _check_user_can_be_made(name: str) -> None:
    if shutil.which("useradd", path=_with_sbin()) is None:
        raise StackError(
            f"No database runs as root, and useradd is missing to make the user {name}: apt-get install passwd"
        )
    if not os.access("/etc", os.W_OK):
        raise StackError(
            f"No database runs as root, and the user {name} cannot be made because /etc is read-only: use a plain user"
        )


def _make_user(name: str) -> None:
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    options += ["--shell", "/usr/sbin/nologin", "--comment", "Database of Fieldline"]
    done = subprocess.run(
        ["useradd", *options, name],
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": _with_sbin()},
        check=False,
    )
    if not _user_exists(name):  # another start may have made it in the same moment
        raise StackError(f"useradd could not make the user {name}: {done.stderr.strip()}")


def _with_sbin() -> str:
    return f"{os.environ.get('PATH') or os.defpath}:/usr/sbin:/sbin"


def _capabilities() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            return int(line.split()[1], 16)
    return 0
