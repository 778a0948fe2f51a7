"""Uploading over HTTP, repeated until the server accepts."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Final

from chaos.devices import Device, Upload
from chaos.harness.web import MULTIPART, REPORTS, UNAVAILABLE, multipart, send_request

TIMEOUT_S: Final = 60.0
TRY_AGAIN_S: Final = 0.05
ALLOWED: Final = frozenset(map(str, UNAVAILABLE))  # a broken connection has no status and is allowed, too


class ReportNotAccepted(Exception):
    """The server answered a valid report with a status that it must not, or did not accept it in
    time."""


@dataclass
class Traffic:
    """The deliveries of one run. Senders go on until `struck` is set, so that the fault meets
    them."""

    in_progress: int = 0
    struck: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def delivery(self) -> Iterator[None]:
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def _count(self, change: int) -> None:
        with self._lock:
            self.in_progress += change


@dataclass(frozen=True)
class Uplink:
    port: int

    def deliver(self, device: Device, upload: Upload, traffic: Traffic) -> None:
        """Send the report until it is accepted. Raises ReportNotAccepted."""
        with traffic.delivery():
            self._deliver(device, upload)

    def _deliver(self, device: Device, upload: Upload) -> None:
        deadline = time.monotonic() + TIMEOUT_S
        body = multipart(upload.data, upload.name)
        stamp = datetime.fromtimestamp(upload.received_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        path = f"{REPORTS}?timestamp={stamp}"
        while True:
            upload.tries += 1
            answer, text = self._request("POST", path, device.key, body)
            upload.answers.append(answer)
            if answer == "201":
                return
            if answer.isdecimal() and answer not in ALLOWED:
                raise ReportNotAccepted(f"{answer} for a report of device {device.number:x}: {text[:300]!r}")
            if time.monotonic() > deadline:
                raise ReportNotAccepted(
                    f"not taken within {TIMEOUT_S:.0f} s, last answer {answer}: {text[:300]!r}"
                )
            time.sleep(TRY_AGAIN_S)

    def acknowledgements(self, device: Device) -> dict[int, int] | None:
        """Returns the highest stored id by streamer index; None when the server does not answer
        with 200."""
        answer, text = self._request("GET", f"/api/v1/streamer/?device={device.slug}", device.key)
        if answer != "200":
            return None
        return {int(each["index"]): int(each["last_id"]) for each in json.loads(text)["results"]}

    def _request(self, method: str, path: str, key: str, body: bytes | None = None) -> tuple[str, bytes]:
        """Returns the status, or the name of the connection error, and the body."""
        headers = {"Authorization": f"Device-Key {key}", "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = MULTIPART
        try:
            status, text = send_request(self.port, method, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__, b""
        return str(status), text


def send_reports(uplink: Uplink, device: Device, traffic: Traffic, *, reports: int, rng: Random) -> None:
    """Send at least `reports` reports, and until the fault was injected and repaired. Sometimes ask
    for the acknowledgement first, as devices do after a pause.
    """
    sent = 0
    while sent < reports or not traffic.struck.is_set():
        sent += 1
        uploads = device.next_uploads()
        if rng.random() < 0.15:
            known = uplink.acknowledgements(device)
            if known is not None and device.user.log:
                uploads = [*uploads, device.resume(device.user, known.get(0, 0))]
        for upload in uploads:
            uplink.deliver(device, upload, traffic)
