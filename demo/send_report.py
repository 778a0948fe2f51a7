"""`python -m demo.send_report`: lets the board report once, and prints the same requests for curl.

FIELDLINE_VAR names the folder of the stack. Keys go into files that only their owner may read, not
onto the screen.
"""

import argparse
import os
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from demo.board import Board, NoBoard, board_of
from demo.cloud import Cloud, CloudError, CloudRefused, CloudUnavailable
from demo.device import Report
from demo.roster import RosterError
from demo.sensors import millikelvin
from demo.streamers import USER

STORED_WITHIN_S: Final = 20.0
_POLL_EVERY_S: Final = 0.1
_CONNECT_S: Final = 5.0
_COLDEST: Final = -273.15
_HOTTEST: Final = 1000.0


def main(words: Sequence[str]) -> int:
    given = _parser().parse_args(words)
    server = Server(given.address)
    folder = Path(os.environ.get("FIELDLINE_VAR", "var")) / "demo"
    try:
        server.check_listening()  # a server that is still starting may not have made the board yet
        with board_of(folder) as board:
            delivery = ReportDelivery(board, server, Files(folder), print_line=print)
            return 0 if delivery.run(given.values) else 1
    except (NoBoard, RosterError) as error:
        problem = str(error)
    except CloudUnavailable as error:
        problem = f"{server.address} does not answer ({error}). Wait until ./inv up prints its address, then try again."
    except CloudRefused as error:
        problem = (
            f"The server refuses: {error}. Run ./inv down and ./inv up --demo to give the board a new key."
        )
    print(problem, file=sys.stderr)
    return 1


class Server:
    """The server that the report goes to."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.address = address
        self._place = (parts.hostname or "", parts.port or 80)
        self.cloud = Cloud(*self._place, nullcontext)

    def check_listening(self) -> None:
        """Raises CloudUnavailable."""
        try:
            socket.create_connection(self._place, timeout=_CONNECT_S).close()
        except OSError as error:
            raise CloudUnavailable(str(error)) from error


@dataclass(frozen=True, slots=True)
class Files:
    """The files that the printed curl commands read. `key` and `token` each hold a whole header."""

    folder: Path

    @property
    def report(self) -> Path:
        return self.folder / "report.bin"

    @property
    def key(self) -> Path:
        return self.folder / "board.key"

    @property
    def token(self) -> Path:
        return self.folder / "board.token"

    def write(self, board: Board, report: Report) -> None:
        self.report.write_bytes(report.data)
        _write_private(self.key, f"Authorization: Device-Key {board.spec.upload_key}\n")
        _write_private(self.token, f"Authorization: a-jwt {board.spec.read_token or ''}\n")


class ReportDelivery:
    """One report of the board, from measuring to the acknowledgement."""

    def __init__(
        self, board: Board, server: Server, files: Files, *, print_line: Callable[[str], None]
    ) -> None:
        self._board = board
        self._server = server
        self._files = files
        self._print_line = print_line

    def run(self, celsius: Sequence[float], *, timeout_s: float = STORED_WITHIN_S) -> bool:
        """Send these temperatures, or what the board has measured. Returns whether they are stored.
        Raises CloudUnavailable or CloudRefused."""
        # Before anything is measured: a board that lost its file gets its next reading id.
        self._fetch_acknowledgement()
        now_s = int(time.time())
        self._board.record([millikelvin(each) for each in celsius] or self._board.measure(now_s), now_s)
        report = self._board.report()
        self._files.write(self._board, report)
        self._print_summary(report)
        begun_s = time.monotonic()
        self._upload(report)
        is_stored = self._wait_until_stored(report, begun_s + timeout_s)
        if is_stored:
            self._print_line(
                f"  stored    up to id {report.highest_id}, after {time.monotonic() - begun_s:.1f} s"
            )
        else:
            self._print_line(
                "  stored    not yet: the worker is unavailable or busy (var/log/worker.log) and will store it later"
            )
        self._print_instructions()
        return is_stored

    def _fetch_acknowledgement(self) -> int:
        spec = self._board.spec
        acknowledged = self._server.cloud.acknowledgements(key=spec.upload_key, slug=str(spec.slug))
        self._board.acknowledge(acknowledged)
        return acknowledged.get(USER.index, 0)

    def _upload(self, report: Report) -> None:
        key = self._board.spec.upload_key
        try:
            count = self._server.cloud.upload(key=key, data=report.data, received_s=report.received_s)
        except CloudError:
            self._print_line("  answer    refused or lost: the board keeps the readings for its next report")
            raise
        self._print_line(f'  answer    {{"count": {count}}}: the server has them on its disk')

    def _wait_until_stored(self, report: Report, until_s: float) -> bool:
        while self._fetch_acknowledgement() < report.highest_id:
            if time.monotonic() > until_s:
                return False
            time.sleep(_POLL_EVERY_S)
        return True

    def _print_summary(self, report: Report) -> None:
        ids, stream = self._board.pending(), self._board.stream
        self._print_line(f"Sending a report of {self._board.spec.slug}")
        self._print_line(f"  file      {path_for_user(self._files.report)}, {len(report.data)} bytes")
        self._print_line(f"  readings  {len(ids)} of stream {stream:04x}, ids {ids[0]} to {ids[-1]}")

    def _print_instructions(self) -> None:
        address, slug = self._server.address, self._board.spec.slug
        key, token, report = (
            path_for_user(each) for each in (self._files.key, self._files.token, self._files.report)
        )
        self._print_line(f"\nThe chart is at {address}/device/{slug}/?range=1h\n")
        self._print_line("The same by curl (what comes twice is stored once):")
        self._print_line(f"  curl -H @{key} -F file=@{report} \\")
        self._print_line(f'       "{address}/api/v1/streamer/report/?timestamp=$(date -u +%FT%TZ)"')
        self._print_line("What is acknowledged (last_id), and the readings:")
        self._print_line(f'  curl -H @{key} "{address}/api/v1/streamer/?device={slug}"')
        self._print_line(
            f'  curl -H @{token} "{address}/api/v1/df/?filter={slug}&lastn=10&apply_mdo=1&format=csv"'
        )


def path_for_user(path: Path) -> str:
    """Returns the path relative to the user's folder, which need not be our own working folder."""
    current = Path(os.environ.get("PWD") or Path.cwd())
    return str(path.relative_to(current) if path.is_relative_to(current) else path)


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./inv send-report", usage='./inv send-report [--values "21.5 22"]')
    parser.add_argument("--address", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--values", nargs="*", default=[], type=_celsius)
    return parser


def _celsius(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not _COLDEST <= value <= _HOTTEST:
        raise argparse.ArgumentTypeError(f"{text} is no temperature from {_COLDEST} to {_HOTTEST:g} °C")
    return value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
