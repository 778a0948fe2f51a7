"""Devices that upload as real ones do: repeated, overlapping, sometimes out of order. They record
what was accepted."""

import http.client
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final

from django.utils import timezone

from chaos.harness.readings import CONNECTED, REBOOT, SYSTEM, USER, USER_LIDS, Reading
from chaos.harness.web import MULTIPART, REPORTS, UNAVAILABLE, WebServer, multipart, send_request
from server.apps.accounts.models import Account
from server.apps.accounts.services.signing import issue_jwt
from server.apps.devices.models import Device
from server.apps.ingest.services.receiving import Upload, receive_report
from server.lib.formats import Row, encode_signed_list

_SENT_S: Final = 100_000
_TIMEOUT_S: Final = 20.0

Deliver = Callable[[bytes, datetime], None]
"""Takes a report's bytes and when the carrier received them; returns once the report is
accepted."""


@dataclass
class Streamer:
    """One uploader of a device, with everything it has to send, oldest first."""

    device: Device
    index: int
    selector: int
    log: list[Row] = field(default_factory=list)
    history: list[tuple[int, int]] = field(default_factory=list)
    sent: list[Row] = field(default_factory=list)

    @property
    def acknowledgement(self) -> int:
        """The highest id that was sent; 0 when nothing was."""
        return max((id for _, id, _, _ in self.sent), default=0)


@dataclass
class Logger:
    """A device: one id counter for all its streams. Reboots go to both streamers."""

    device: Device
    rng: Random
    counter: int = 0

    def __post_init__(self) -> None:
        self.streamers = (Streamer(self.device, 0, USER), Streamer(self.device, 1, SYSTEM))

    def measure(self) -> None:
        """Append the next reading; sometimes a reboot or a system reading. A skipped id is that of
        a report."""
        self.counter += self.rng.choice((1, 1, 1, 2))
        what = self.rng.random()
        lid = REBOOT if what < 0.06 else CONNECTED if what < 0.15 else self.rng.choice(USER_LIDS)
        row = (lid, self.counter, self.counter % _SENT_S, self.rng.getrandbits(32))
        user, system = self.streamers
        if lid != CONNECTED:
            user.log.append(row)
        if lid in {REBOOT, CONNECTED}:
            system.log.append(row)

    def parts(self, streamer: Streamer) -> list[tuple[int, int]]:
        """Returns the ranges of the log that a streamer sends next."""
        what = self.rng.random()
        if streamer.history and what < 0.2:
            return [self.rng.choice(streamer.history[-6:])]  # the same again
        if streamer.history and what < 0.35:
            start, end = streamer.history[-1]
            return [
                (max(0, start - self.rng.randrange(20)), self._fresh(streamer, end)[1])
            ]  # with an overlap
        first = self._fresh(streamer, max((end for _, end in streamer.history), default=0))
        if what < 0.85:
            return [first]
        return [self._fresh(streamer, first[1]), first]  # the second one first

    def _fresh(self, streamer: Streamer, start: int) -> tuple[int, int]:
        end = start + self.rng.randrange(1, 30)
        while len(streamer.log) < end:
            self.measure()
        return start, end


def direct_delivery(carrier: Account) -> Deliver:
    """Delivers to the service itself, without the web process."""

    def deliver(data: bytes, received: datetime) -> None:
        now = timezone.now()
        receive_report(Upload(carrier, data, "report.bin", received), now=now)

    return deliver


@dataclass
class HttpDelivery:
    """Uploads over HTTP until the server accepts. `retries` counts the failed tries."""

    web: WebServer
    carrier: Account
    retries: int = 0
    _headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        token = issue_jwt(user=self.carrier)
        self._headers |= {"Authorization": f"JWT {token}", "Content-Type": MULTIPART}

    def __call__(self, data: bytes, received: datetime) -> None:
        path = f"{REPORTS}?timestamp={received:%Y-%m-%dT%H:%M:%SZ}"
        deadline = time.monotonic() + _TIMEOUT_S
        while not self._is_accepted(path, multipart(data)):
            self.retries += 1
            assert time.monotonic() < deadline, "a report is not taken"

    def _is_accepted(self, path: str, body: bytes) -> bool:
        try:
            status, _ = send_request(self.web.port, "POST", path, body, self._headers)
        except (OSError, http.client.HTTPException):
            return False
        assert status in {201, *UNAVAILABLE}, f"{status} for a good report"
        return status == 201


class Senders:
    """All devices, and the account that uploads their reports."""

    def __init__(
        self, devices: Iterable[Device], carrier: Account, seed: int, *, deliver: Deliver | None = None
    ) -> None:
        self._rng = Random(seed)
        self._deliver = deliver or direct_delivery(carrier)
        self._loggers = [Logger(device, self._rng) for device in devices]
        self.uploads = 0

    @property
    def streamers(self) -> list[Streamer]:
        return [streamer for logger in self._loggers for streamer in logger.streamers]

    def upload(self, count: int) -> None:
        """Upload at least `count` reports."""
        target = self.uploads + count
        while self.uploads < target:
            logger = self._rng.choice(self._loggers)
            streamer = self._rng.choice(logger.streamers)
            for start, end in logger.parts(streamer):
                self._send(streamer, streamer.log[start:end])
                streamer.history.append((start, end))

    def _send(self, streamer: Streamer, rows: Sequence[Row]) -> None:
        data = encode_signed_list(
            device_id=streamer.device.pk,
            report_id=9,
            sent_s=_SENT_S,
            streamer_index=streamer.index,
            selector=streamer.selector,
            readings=rows,
        )
        self._deliver(data, timezone.now() - timedelta(hours=1))
        streamer.sent += rows
        self.uploads += 1

    def sent(self) -> set[Reading]:
        """Returns the union of all accepted readings."""
        return {
            (streamer.device.pk, lid, id, word)
            for streamer in self.streamers
            for lid, id, _, word in streamer.sent
        }
