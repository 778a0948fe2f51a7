"""Uploading over HTTP, repeated until the server accepts."""

import http.client
import json
import time
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Uplink:
    port: int

    def deliver(self, device: Device, upload: Upload) -> None:
        """Send the report until it is accepted. Raises ReportNotAccepted."""
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


def send_reports(uplink: Uplink, device: Device, *, reports: int, rng: Random) -> None:
    """Send about `reports` reports. Sometimes ask for the acknowledgement first, as devices do
    after a pause."""
    for _ in range(reports):
        uploads = device.next_uploads()
        if rng.random() < 0.15:
            known = uplink.acknowledgements(device)
            if known is not None and device.user.log:
                uploads = [*uploads, device.resume(device.user, known.get(0, 0))]
        for upload in uploads:
            uplink.deliver(device, upload)
