"""Devices that measure, boot and report, and the ways in which older and newer firmware puts that
into reports."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from django.db import connections

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest.tests.sent import IO_1, REBOOT, SYSTEM, USER, Carrier, reading_keys
from server.lib.formats import Row, encode_signed_list

USER_ONLY: Final = 0x57FF
SYSTEM_LOG: Final = 0x5C01
_INDEXES: Final = {USER: 0, USER_ONLY: 0, SYSTEM: 1}
SPRING: Final = datetime(2021, 5, 1, 6, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Sent:
    """A report as far as it does not depend on the device, and when a carrier got it."""

    selector: int
    rows: tuple[Row, ...]
    own_id: int
    sent_s: int
    received: datetime

    def of(self, device: Device) -> bytes:
        return encode_signed_list(
            device_id=device.pk,
            report_id=self.own_id,
            sent_s=self.sent_s,
            streamer_index=_INDEXES.get(self.selector, 2),
            selector=self.selector,
            readings=self.rows,
        )


Firmware: TypeAlias = "Callable[[History], list[Sent]]"


@dataclass
class History:
    """What a device does, second by second. One counter for its readings and its reports."""

    clock: datetime = SPRING
    uptime_s: int = 5
    next_id: int = 1
    rows: list[Row] = field(default_factory=list)

    def goes_on(self, seconds: int) -> None:
        self.clock += timedelta(seconds=seconds)
        self.uptime_s += seconds

    def measures(self, lid: int = IO_1, value: int | None = None) -> None:
        self.rows.append((lid, self.next_id, self.uptime_s, self.next_id if value is None else value))
        self.next_id += 1

    def boots(self, *, off_s: int = 60) -> None:
        self.clock += timedelta(seconds=off_s)
        self.uptime_s = 2
        self.measures(REBOOT, value=1)

    def makes(self, selector: int, *lids: int) -> Sent:
        rows = tuple(row for row in self.rows if row[0] in lids)
        self.next_id += 1
        return Sent(selector, rows, self.next_id - 1, self.uptime_s, self.clock)


def reboots_apart(history: History) -> list[Sent]:
    """Old firmware: reboots with the system's readings."""
    return [history.makes(USER_ONLY, IO_1), history.makes(SYSTEM, REBOOT, SYSTEM_LOG)]


def reboots_together(history: History) -> list[Sent]:
    """New firmware: reboots with the user's readings as well."""
    return [history.makes(USER, IO_1, REBOOT), history.makes(SYSTEM, REBOOT, SYSTEM_LOG)]


def life(seed: int, firmware: Firmware, *, rounds: int = 3) -> list[list[Sent]]:
    """The same for all firmware: what a device does by chance in so many rounds, with its reports
    at the end of each."""
    rng, history, sent = random.Random(seed), History(), []
    for _ in range(rounds):
        for _ in range(rng.randint(0, 10)):
            history.goes_on(rng.randint(1, 3000))
            if rng.random() < 0.3:
                history.boots(off_s=rng.randint(1, 5000))
            history.measures(rng.choice([IO_1, IO_1, SYSTEM_LOG]))
        history.goes_on(rng.randint(1, 3000))
        history.measures()
        if rng.random() < 0.3:
            history.boots()
        history.goes_on(rng.randint(1, 300))
        sent.append(firmware(history))
        history.rows.clear()
    return sent


def deliver(device: Device, sender: Account, reports: Sequence[Sent]) -> None:
    carrier = Carrier(device, sender)
    for report in reports:
        carrier.received = report.received
        carrier.deliver(report.of(device))


def times_of(device: Device) -> dict[int, tuple[datetime, int]]:
    """Time and status of what the device sent, by id."""
    with connections["streamdata"].cursor() as cursor:
        cursor.execute(
            "SELECT seq, ts, status FROM reading WHERE stream_key = ANY(%s) ORDER BY seq",
            [reading_keys(device)],
        )
        rows = cursor.fetchall()
    assert len({reading_id for reading_id, *_ in rows}) == len(rows), "a reading is stored twice"
    return {reading_id: (ts, status) for reading_id, ts, status in rows}


def times_on(device: Device, lid: int) -> dict[int, tuple[datetime, int]]:
    """Of one stream."""
    key = device.streams.get(var_lid=lid).key
    with connections["streamdata"].cursor() as cursor:
        cursor.execute("SELECT seq, ts, status FROM reading WHERE stream_key = %s ORDER BY seq", [key])
        return {reading_id: (ts, status) for reading_id, ts, status in cursor.fetchall()}
