"""Which TCP ports the parts listen on, on 127.0.0.1 only; remembered so that addresses stay the same."""

import errno
import itertools
import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path

from stack.errors import StackError
from stack.home import write_private

HOST = "127.0.0.1"
LISTENING = "0A"  # proc(5): state column of /proc/net/tcp
DEFAULTS = {
    "web": 8000,
    "live": 8001,
    "postgres": 5433,
    "redis": 6380,
    "nats": 4222,
    "mqtt": 1883,
    "sqs": 9324,
    "metrics": 9464,
}
TRIES_ABOVE_DEFAULT = 100


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Without this a port is "taken" for a minute after its last connection closed.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES, errno.EPERM}:
                return False
            raise
    return True


def choose_ports(remembered: Mapping[str, int], wanted_web: int | None = None) -> dict[str, int]:
    """A free port for each part: the wanted one, else the remembered one, else from the usual one upwards."""
    chosen: dict[str, int] = {}
    if wanted_web is not None:
        chosen["web"] = _demand(wanted_web)
    for name, default in DEFAULTS.items():
        if name not in chosen:
            chosen[name] = _first_free(remembered.get(name, default), default, taken=set(chosen.values()))
    return chosen


def fresh_ports() -> dict[str, int]:
    """Ports nobody uses, for a throw-away stack; all held at once so that they differ."""
    sockets = {name: socket.socket() for name in DEFAULTS}
    try:
        for each in sockets.values():
            each.bind((HOST, 0))
        return {name: int(each.getsockname()[1]) for name, each in sockets.items()}
    finally:
        for each in sockets.values():
            each.close()


def remembered_ports(path: Path) -> dict[str, int]:
    """What `remember_ports` wrote; nothing when there is no such file or it is damaged: they are only a habit."""
    try:
        stored = json.loads(path.read_text())
        return {name: int(stored[name]) for name in DEFAULTS if 0 < int(stored[name]) < 65536}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def remember_ports(path: Path, ports: Mapping[str, int]) -> None:
    write_private(path, json.dumps(dict(ports), indent=2) + "\n")


def holder_of(port: int) -> str:
    """The program that listens on a port, as `name (pid 12)`; a general word where we may not see it."""
    inodes = _listening_inodes(port)
    for process in Path("/proc").glob("[0-9]*"):
        if _open_sockets(process) & inodes:
            try:
                return f"{(process / 'comm').read_text().strip()} (pid {process.name})"
            except OSError:
                break
    return "another program"


def _demand(port: int) -> int:
    if not 0 < port < 65536:
        raise StackError(f"{port} is not a port: it takes a number from 1 to 65535")
    if port < 1024 and os.geteuid() != 0 and not _listening_inodes(port) and not is_free(port):
        raise StackError(f"port {port} is for root only: take one from 1024 up")
    if not is_free(port):
        raise StackError(f"port {port} is taken by {holder_of(port)}: stop it, or choose another --port")
    return port


def _first_free(first: int, default: int, taken: set[int]) -> int:
    last = default + TRIES_ABOVE_DEFAULT
    for port in itertools.chain((first,), range(default, last)):
        if port not in taken and is_free(port):
            return port
    raise StackError(f"no free port from {default} to {last - 1}")


def _listening_inodes(port: int) -> set[str]:
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            columns = row.split()
            if columns[3] == LISTENING and int(columns[1].rpartition(":")[2], 16) == port:
                found.add(columns[9])
    return found


def _open_sockets(process: Path) -> set[str]:
    found = set()
    try:
        for descriptor in (process / "fd").iterdir():
            target = str(descriptor.readlink())
            if target.startswith("socket:["):
                found.add(target[len("socket:[") : -1])
    except OSError:  # not ours to see, or gone meanwhile
        return found
    return found
