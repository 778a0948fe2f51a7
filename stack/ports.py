"""The TCP ports of the parts, on 127.0.0.1 only; stored so that addresses stay the same."""

import contextlib
import errno
import itertools
import json
import os
import socket
from collections.abc import Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import psutil

from stack.errors import StackError
from stack.home import write_private

HOST = "127.0.0.1"
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


class Reservation:
    """Ports that are reserved for us, until this is closed or the process ends.

    A program listens long after its port was chosen, and may be restarted. Meanwhile two things
    keep others from the port: a bound socket, which programs that set SO_REUSEADDR, as ours do, may
    share; and an abstract socket (unix(7)), which installations that start at the same moment see.
    """

    def __init__(self) -> None:
        self._held: list[socket.socket] = []

    def take(self, port: int) -> bool:
        """Reserve a port. Returns whether that worked."""
        made: list[socket.socket] = []
        try:
            for family, address in self._addresses(port):
                made.append(_bind(family, address))
        except OSError as error:
            for each in made:
                each.close()
            if error.errno in {errno.EADDRINUSE, errno.EACCES, errno.EPERM}:
                return False
            raise
        self._held += made
        return True

    def close(self) -> None:
        while self._held:
            self._held.pop().close()

    def _addresses(self, port: int) -> list[tuple[socket.AddressFamily, Any]]:
        found: list[tuple[socket.AddressFamily, Any]] = [
            (socket.AF_UNIX, f"\0fieldline-port-{port}"),
            (socket.AF_INET, (HOST, port)),
        ]
        if _has_ipv6():
            # None of our programs listens there, but a browser tries it first for `localhost`.
            found.append((socket.AF_INET6, ("::1", port)))
        return found


def _bind(family: socket.AddressFamily, address: Any) -> socket.socket:
    made = socket.socket(family)
    # Without this a port is "taken" for a minute after its last connection closed.
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind(address)
    except OSError:
        made.close()
        raise
    return made


@cache
def _has_ipv6() -> bool:
    try:
        _bind(socket.AF_INET6, ("::1", 0)).close()
    except OSError:
        return False
    return True


def is_free(port: int) -> bool:
    with closing(Reservation()) as probe:
        return probe.take(port)


def choose_ports(
    reservation: Reservation, remembered: Mapping[str, int], wanted_web: int | None = None
) -> dict[str, int]:
    """Reserve a port for each part: the wanted, the remembered, or the first free one from the
    default up.

    Raises StackError when the wanted one is taken.
    """
    chosen: dict[str, int] = {}
    if wanted_web is not None:
        chosen["web"] = _reserve_wanted(reservation, wanted_web)
    for name, default in DEFAULTS.items():
        if name not in chosen:
            chosen[name] = _first_free(reservation, remembered.get(name, default), default)
    return chosen


def fresh_ports() -> dict[str, int]:
    """Returns free ports for a throw-away stack; all are held at once so that they differ."""
    sockets = {name: socket.socket() for name in DEFAULTS}
    try:
        for each in sockets.values():
            each.bind((HOST, 0))
        return {name: int(each.getsockname()[1]) for name, each in sockets.items()}
    finally:
        for each in sockets.values():
            each.close()


def remembered_ports(path: Path) -> dict[str, int]:
    """Returns what `remember_ports` wrote; nothing when the file is missing or damaged, since any
    port will do."""
    try:
        stored = json.loads(path.read_text())
        return {name: int(stored[name]) for name in DEFAULTS if 0 < int(stored[name]) < 65536}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def remember_ports(path: Path, ports: Mapping[str, int]) -> None:
    write_private(path, json.dumps(dict(ports), indent=2) + "\n")


def holder_of(port: int) -> str:
    """Returns the program that listens on a port, as `name (pid 12)`, or "another program" where we
    may not see it."""
    with contextlib.suppress(psutil.Error, StopIteration):
        pid = next(each.pid for each in _listeners(port) if each.pid)
        return f"{psutil.Process(pid).name()} (pid {pid})"
    return "another program"


def _reserve_wanted(reservation: Reservation, port: int) -> int:
    if not 0 < port < 65536:
        raise StackError(f"{port} is not a port: it takes a number from 1 to 65535")
    if reservation.take(port):
        return port
    if port < 1024 and os.geteuid() != 0 and not _listeners(port):
        raise StackError(f"port {port} is for root only: take one from 1024 up")
    raise StackError(f"port {port} is taken by {holder_of(port)}: stop it, or choose another --port")


def _first_free(reservation: Reservation, first: int, default: int) -> int:
    last = default + TRIES_ABOVE_DEFAULT
    for port in itertools.chain((first,), range(default, last)):
        if reservation.take(port):
            return port
    raise StackError(f"no free port from {default} to {last - 1}")


def _listeners(port: int) -> list[Any]:
    found = psutil.net_connections("tcp")
    return [each for each in found if each.status == psutil.CONN_LISTEN and each.laddr.port == port]
