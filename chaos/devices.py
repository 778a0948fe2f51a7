"""Devices that upload as real ones do: repeated, overlapping, out of order, until acknowledged.
They record what they sent.

A device's clock is right unless `clock_error_s` is set, so the true time of each reading is known
to the second.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final, NamedTuple

from chaos.harness.readings import CONNECTED, REBOOT, SYSTEM, USER, USER_LIDS, VIRTUAL
from server.lib.formats import Row, encode_signed_list

EVENT_LID: Final = 0x5020
EVENTS_INDEX: Final = 256


class Identity(NamedTuple):
    """A device's number and slug, and the key with which it uploads."""

    number: int
    slug: str
    key: str


class LogEntry(NamedTuple):
    """A reading. `boot_s` (UTC seconds) plus the uptime in `row` is its time."""

    row: Row
    boot_s: int


def event_data(id: int) -> dict[str, list[int]]:
    """The large part of an event: of even ids it is too large for the event's row."""
    return {"x": [id] * (20 if id % 2 else 1000)}


@dataclass
class Upload:
    """One report. Its bytes and time of receipt are the same however often it is sent."""

    device_id: int
    index: int
    name: str
    data: bytes
    received_s: int
    sent_s: int
    boot_s: int  # of the boot in which it was sent
    rows: Sequence[LogEntry] = ()
    event_ids: Sequence[int] = ()
    tries: int = 0
    answers: list[str] = field(default_factory=list)  # HTTP statuses, and names of connection errors


@dataclass
class Streamer:
    index: int
    selector: int
    log: list[LogEntry] = field(default_factory=list)
    sent_to: int = 0  # how much of the log was sent at least once
    history: list[Upload] = field(default_factory=list)


class Device:
    """One id counter for all streams. Reboots go to the user and the system streamer; events have a
    streamer of their own."""

    def __init__(self, identity: Identity, *, rng: Random, reboots: bool, start_s: int) -> None:
        self.number, self.slug, self.key = identity
        self.rng, self._reboots = rng, reboots
        self._boot_s, self._uptime_s, self._counter, self._report_id = start_s, 10, 0, 0
        self.clock_error_s = 0
        self.counts_reports = self.number % 2 == 0
        self.user, self.system = Streamer(0, USER), Streamer(1, SYSTEM)
        self.events = Streamer(EVENTS_INDEX, VIRTUAL)
        self.uploads: list[Upload] = []

    def next_uploads(self) -> list[Upload]:
        """Returns the next uploads, in the order in which they are sent."""
        what = self.rng.random()
        if what < 0.1:
            return [self._dictionary()]
        streamer = self.user if what < 0.75 else self.system
        manner = self.rng.random()
        if streamer.history and manner < 0.2:
            return [self.rng.choice(streamer.history[-4:])]  # the same again
        if streamer.history and manner < 0.4:
            return [self._report(streamer, max(0, streamer.sent_to - self.rng.randrange(25)))]
        first = self._report(streamer, streamer.sent_to)
        if manner < 0.8:
            return [first]
        return [self._report(streamer, streamer.sent_to), first]  # the second one first

    def resume(self, streamer: Streamer, last_id: int) -> Upload:
        """Returns a report of everything after `last_id`, the server's acknowledgement."""
        start = next((n for n, entry in enumerate(streamer.log) if entry.row[1] > last_id), len(streamer.log))
        return self._report(streamer, start)

    def overlapping_uploads(self, count: int) -> list[Upload]:
        """Returns reports of one streamer that overlap each other."""
        return [
            self._report(self.user, max(0, self.user.sent_to - self.rng.randrange(30))) for _ in range(count)
        ]

    def highest_ids(self) -> dict[int, int]:
        """Returns the highest reading id that was sent, by streamer index."""
        highest: dict[int, int] = {}
        for upload in self.uploads:
            ids = [entry.row[1] for entry in upload.rows] + list(upload.event_ids)
            highest[upload.index] = max(highest.get(upload.index, 0), *ids)
        return highest

    def _report(self, streamer: Streamer, start: int) -> Upload:
        end = max(start, streamer.sent_to) + self.rng.randrange(1, 30)
        while len(streamer.log) < end:
            self._measure()
        rows = streamer.log[start:end]
        streamer.sent_to = max(streamer.sent_to, end)
        report_id = self._next_report_id()
        sent_s = self._uptime_s + self.rng.randrange(30)
        self._uptime_s = sent_s
        data = encode_signed_list(
            device_id=self.number,
            report_id=report_id,
            sent_s=sent_s,
            streamer_index=streamer.index,
            selector=streamer.selector,
            readings=[entry.row for entry in rows],
        )
        received_s = self._boot_s + sent_s + self.clock_error_s
        upload = Upload(
            self.number, streamer.index, "report.bin", data, received_s, sent_s, self._boot_s, rows=rows
        )
        return self._remember(streamer, upload)

    def _next_report_id(self) -> int:
        """From the counter of the readings, as devices have it, or, every other device, from one of
        its own."""
        if not self.counts_reports:
            self._counter += 1
            return self._counter
        self._report_id += 1
        return self._report_id

    def _dictionary(self) -> Upload:
        """A report of events, each with a large part: of every second one it goes to the object
        store."""
        first = self._counter + 1
        ids = [first + n for n in range(self.rng.randrange(1, 4))]
        self._counter = ids[-1]
        self._uptime_s += 1
        now_s = self._boot_s + self._uptime_s
        items = [
            {
                "stream": f"{EVENT_LID:04x}",
                "streamer_local_id": id,
                "device_timestamp": self._uptime_s,
                "timestamp": None,
                "extra_data": {"peak": id},
                "data": event_data(id),
            }
            for id in ids
        ]
        content = {
            "format": "v100",
            "device": self.number,
            "streamer_index": EVENTS_INDEX,
            "streamer_selector": VIRTUAL,
            "device_sent_timestamp": self._uptime_s,
            "incremental_id": first,
            "lowest_id": ids[0],
            "highest_id": ids[-1],
            "events": items,
            "data": [],
        }
        data = json.dumps(content).encode()
        upload = Upload(
            *(self.number, EVENTS_INDEX, "report.json", data, now_s, self._uptime_s, self._boot_s),
            event_ids=ids,
        )
        return self._remember(self.events, upload)

    def _remember(self, streamer: Streamer, upload: Upload) -> Upload:
        streamer.history.append(upload)
        self.uploads.append(upload)
        return upload

    def _measure(self) -> None:
        self._counter += self.rng.choice((1, 1, 1, 2))
        self._uptime_s += self.rng.randrange(1, 60)
        what = self.rng.random()
        lid = self.rng.choice(USER_LIDS)
        if what < 0.05 and self._reboots:
            lid = REBOOT
            self._boot_s += self._uptime_s + self.rng.randrange(5, 300)
            self._uptime_s = 1
        elif what < 0.15:
            lid = CONNECTED
        entry = LogEntry((lid, self._counter, self._uptime_s, self.rng.getrandbits(32)), self._boot_s)
        if lid != CONNECTED:
            self.user.log.append(entry)
        if lid in {REBOOT, CONNECTED}:
            self.system.log.append(entry)
