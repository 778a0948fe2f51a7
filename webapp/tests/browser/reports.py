"""Reports of the tests' devices, and their uploads."""

import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from demo.cloud import Cloud
from demo.device import Device
from demo.flash import Flash
from demo.roster import DeviceSpec, read_roster
from demo.streamers import STREAMERS
from server.lib.formats import Keys, encode_signed_list, inspect
from webapp.tests.browser.polling import wait_until
from webapp.tests.browser.sample_data import VOLUME, SampleDevice

PAST_S: Final = 2 * 24 * 3600
_UPTIME_S: Final = 10_000_000  # longer than the readings of any report here go back


def report_of(
    device: SampleDevice, words: Sequence[int], *, first_id: int = 1, every_s: int = 60, stream: int = VOLUME
) -> bytes:
    """Returns a report with raw words; the last one is as old as the report."""
    last = len(words) - 1
    sent_s = _UPTIME_S + first_id * 60  # a later report is sent later
    rows = [(stream, first_id + at, sent_s - (last - at) * every_s, word) for at, word in enumerate(words)]
    return encode_signed_list(
        device_id=device.number,
        report_id=first_id,
        sent_s=sent_s,
        streamer_index=0,
        selector=0xD7FF,
        readings=rows,
    )


def damaged(report: bytes) -> bytes:
    """Returns the report without its last byte, so that the length in its header is wrong."""
    return report[:-1]


class Uplink:
    """Uploads of devices: over the API, with their own keys."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._cloud = Cloud(parts.hostname or "", parts.port or 0, nullcontext)

    def send(self, device: SampleDevice, report: bytes, *, ago_s: int = 0) -> None:
        """Upload a report, which the worker then stores. `ago_s` is the age of its last reading."""
        self._cloud.upload(key=device.upload_key, data=report, received_s=int(time.time()) - ago_s)

    def store(self, device: SampleDevice, report: bytes, *, ago_s: int = 0) -> None:
        """Upload a report and wait until it is acknowledged, and so stored."""
        self.send(device, report, ago_s=ago_s)
        header = inspect(report, "report.bin", lambda number: Keys())
        last_ids = {header.streamer_index: header.highest_id}
        self._wait_until_acknowledged(device.upload_key, device.slug, last_ids)

    def upload_history(self, roster: Path) -> None:
        """Upload the last two days of each of the demo's devices."""
        now_s = int(time.time())
        uploaded = {spec: self._upload_history_of(spec, now_s) for spec in read_roster(roster)}
        for spec, last_ids in uploaded.items():
            self._wait_until_acknowledged(spec.upload_key, str(spec.slug), last_ids)

    def _upload_history_of(self, spec: DeviceSpec, now_s: int) -> dict[int, int]:
        """Returns the newest reading ids by streamer index."""
        device = Device(spec, Flash(clock_s=now_s - PAST_S, booted_s=now_s - PAST_S), now_s=now_s)
        device.advance(now_s)
        last_ids = {}
        for streamer in STREAMERS:
            if report := device.report(streamer):
                self._cloud.upload(key=spec.upload_key, data=report.data, received_s=report.received_s)
                last_ids[streamer.index] = report.highest_id
        return last_ids

    def _wait_until_acknowledged(self, key: str, slug: str, last_ids: Mapping[int, int]) -> None:
        def are_stored() -> bool:
            found = self._cloud.acknowledgements(key=key, slug=slug)
            return all(found.get(index, 0) >= last_id for index, last_id in last_ids.items())

        wait_until(are_stored, f"the reports of {slug} are stored")
