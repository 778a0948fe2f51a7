"""Uses `iotile-ext-cloud` and `iotile-core`, as a gateway does. Runs in the clients' virtual
environment, with a home of its own."""

import json
import sys
import time
from typing import Any

from iotile.cloud.cloud import IOTileCloud
from iotile.cloud.config import link_cloud
from iotile.core.dev.config import ConfigManager
from iotile.core.hw.reports import IOTileReading, SignedListReport

PATIENCE_S = 20.0
PAUSE_S = 0.2
LID = 0x5001


def main(given: dict[str, Any]) -> dict[str, Any]:
    settings = ConfigManager()
    settings.set("cloud:server", given["address"])
    link_cloud(settings, given["email"], given["password"])
    cloud = IOTileCloud()
    number = given["device_id"]
    seen: dict[str, Any] = {
        "clock": cloud.check_time(),
        "device": cloud.device_info(number)["slug"],
        "devices": cloud.device_list(given["project"]),
        "count": cloud.upload_report(report(number, range(1, 4))),
        "acknowledged": acknowledged(cloud, number, 3),
        "streamer": cloud.highest_acknowledged(number, 0),
    }
    before = cloud.token
    cloud.refresh_token()
    seen["refreshed"] = bool(cloud.token) and cloud.device_info(number)["id"] == number and bool(before)
    cloud.impersonate_device(number)
    as_device = IOTileCloud()
    seen["token_type"] = as_device.token_type
    seen["device_as_device"] = as_device.device_info(number)["slug"]
    seen["count_as_device"] = as_device.upload_report(report(number, range(4, 6)))
    seen["acknowledged_as_device"] = acknowledged(as_device, number, 5)
    return seen


def report(number: int, ids: range) -> Any:
    readings = [IOTileReading(raw_time=id * 10, stream=LID, value=id, reading_id=id) for id in ids]
    return SignedListReport.FromReadings(
        number, readings, report_id=ids[-1] + 1, selector=0xD7FF, streamer=0, sent_timestamp=1000
    )


def acknowledged(cloud: IOTileCloud, number: int, wanted: int) -> list[Any]:
    deadline = time.monotonic() + PATIENCE_S
    found = cloud.device_acknowledgements(number)
    while max([each.ack for each in found], default=0) < wanted and time.monotonic() < deadline:
        time.sleep(PAUSE_S)
        found = cloud.device_acknowledgements(number)
    return [[each.index, each.ack, each.selector] for each in found]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(sys.argv[1]))) + "\n")
