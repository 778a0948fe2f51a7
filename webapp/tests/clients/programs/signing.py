"""Uses `iotile-core` as a device with a key of its own, and `iotile_cloud` as its gateway. Runs in
the clients' virtual environment; prints what it saw as JSON."""

import io
import json
import os
import sys
import time
from typing import Any

from iotile.core.hw.auth.auth_provider import AuthProvider
from iotile.core.hw.reports import IOTileReading, SignedListReport
from iotile_cloud.api.connection import Api
from iotile_cloud.api.exceptions import HttpClientError

PATIENCE_S = 20.0
PAUSE_S = 0.2
LID = 0x5001


def main(given: dict[str, Any]) -> dict[str, Any]:
    os.environ[f"USER_KEY_{given['device_id']:08X}"] = given["root_key"]
    api = Api(domain=given["address"])
    api.login(email=given["email"], password=given["password"])
    report = signed_report(given["device_id"], range(1, 4))
    seen: dict[str, Any] = {"before": outcome(api, report, given)}
    keys = api.device(given["device"])("report-key")
    seen["stored"] = keys.post({"kind": "user", "root_key": given["root_key"]})
    seen["after"] = outcome(api, report, given)
    seen["data"] = data_of(api, given["stream"], wanted=3)
    return seen


def signed_report(number: int, ids: range) -> bytes:
    readings = [IOTileReading(raw_time=id * 10, stream=LID, value=id, reading_id=id) for id in ids]
    report = SignedListReport.FromReadings(
        number,
        readings,
        root_key=AuthProvider.UserKey,
        report_id=ids[-1] + 1,
        selector=0xD7FF,
        streamer=0,
        sent_timestamp=1000,
    )
    return bytes(report.encode())


def outcome(api: Any, report: bytes, given: dict[str, Any]) -> int:
    """How many readings were accepted; 0 if the report was refused."""
    file = io.BytesIO(report)
    file.name = "report.bin"
    try:
        return int(api.streamer.report.upload_fp(file, timestamp=given["received"])["count"])
    except HttpClientError:
        return 0


def data_of(api: Any, stream: str, *, wanted: int) -> list[int]:
    deadline = time.monotonic() + PATIENCE_S
    found: list[int] = []
    while len(found) < wanted and time.monotonic() < deadline:
        time.sleep(PAUSE_S)
        found = [row["int_value"] for row in api.data.get(filter=stream)["results"]]
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(sys.argv[1]))) + "\n")
