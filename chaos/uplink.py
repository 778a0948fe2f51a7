"""How a report gets to the server: over HTTP, again and again until it is acknowledged."""

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
ALLOWED: Final = frozenset(map(str, UNAVAILABLE))  # whatever breaks the line has no status


class ReportNotAccepted(Exception):
    """The server said what it should never say to a good report, or nothing good for too long."""


@dataclass(frozen=True)
class Uplink:
    port: int

    def deliver(self, device: Device, upload: Upload) -> None:
        """Until the server says that it has it."""
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
        """The highest stored id by streamer, as the server says; None when it does not say."""
        answer, text = self._request("GET", f"/api/v1/streamer/?device={device.slug}", device.key)
        if answer != "200":
            return None
        return {int(each["index"]): int(each["last_id"]) for each in json.loads(text)["results"]}

    def _request(self, method: str, path: str, key: str, body: bytes | None = None) -> tuple[str, bytes]:
        """The status, or the name of what went wrong on the way."""
        headers = {"Authorization": f"Device-Key {key}", "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = MULTIPART
        try:
            status, text = send_request(self.port, method, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__, b""
        return str(status), text


def send_reports(uplink: Uplink, device: Device, *, reports: int, rng: Random) -> None:
    """So many reports, or a few more. Now and then it asks first what the server has, as devices do after a pause."""
    for _ in range(reports):
        uploads = device.next_uploads()
        if rng.random() < 0.15:
            known = uplink.acknowledgements(device)
            if known is not None and device.user.log:
                uploads = [*uploads, device.resume(device.user, known.get(0, 0))]
        for upload in uploads:
            uplink.deliver(device, upload)
