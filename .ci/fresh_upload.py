"""A report of one reading to the running demo, as a device of its own would send it, and the reading back as its owner sees it.

fresh_upload.py ADDRESS E-MAIL PASSWORD
"""

import json
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from demo.cloud import Cloud
from demo.roster import Member, read_roster
from server.lib.formats import encode_signed_list

PATIENCE_S = 30.0
STREAMER = 7  # the demo's own uploaders are 0 and 1
READING_ID = 1
VARIABLE = 0x5800  # every device of the demo has a battery
VALUE = 4711


def main(address: str, email: str, password: str) -> None:
    where = urlsplit(address)
    cloud = Cloud(where.hostname or "", where.port or 80, nullcontext)
    device = read_roster(Path("var/demo/devices.json"))[0]
    cloud.upload(key=device.upload_key, data=report_of(device), received_s=int(time.time()))
    end_s = time.monotonic() + PATIENCE_S
    while cloud.acknowledgements(key=device.upload_key, slug=str(device.slug)).get(STREAMER) != READING_ID:
        if time.monotonic() > end_s:
            sys.exit("The report was taken and is not stored.")
        time.sleep(0.2)
    if VALUE not in values_of(device, f"{address}/api/v1", email, password):
        sys.exit("The reading is acknowledged and cannot be read.")


def report_of(device: Member) -> bytes:
    return encode_signed_list(
        device_id=device.slug.number,
        report_id=READING_ID + 1,
        sent_s=100,
        streamer_index=STREAMER,
        selector=0xD7FF,
        readings=[(VARIABLE, READING_ID, 60, VALUE)],
    )


def values_of(device: Member, api: str, email: str, password: str) -> list[int]:
    """The newest ones of its battery."""
    signed_in = answer(f"{api}/auth/login/", {"email": email, "password": password})
    token = f"JWT {signed_in['jwt']}"
    streams = answer(f"{api}/stream/?device={device.slug}", token=token)["results"]
    [battery] = [each["slug"] for each in streams if each["slug"].endswith(f"-{VARIABLE:04x}")]
    rows = answer(f"{api}/stream/{battery}/data/?lastn=50", token=token)["results"]
    return [row["int_value"] for row in rows]


def answer(url: str, data: dict[str, str] | None = None, token: str = "") -> Any:
    headers = {"Content-Type": "application/json"} | ({"Authorization": token} if token else {})
    body = None if data is None else json.dumps(data).encode()
    with urlopen(Request(url, body, headers), timeout=PATIENCE_S) as response:
        return json.load(response)


if __name__ == "__main__":
    main(*sys.argv[1:])
