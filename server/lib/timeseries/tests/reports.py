"""Reports in the shorthand of the tests: `"10 20 reboot@2 10"`, times as `"09:56:10"` of one
day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from server.lib.timeseries import REBOOT_STREAM, PlacedTimes, TimeStatus, place_times

SECOND_US = 1_000_000
_OUTPUT_1 = 0x5001


def us(clock: str) -> int:
    """Return the microsecond of a time of day."""
    moment = datetime.strptime(f"2021-03-01 {clock}", "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    return int(moment.timestamp()) * SECOND_US


def rows(shorthand: str) -> tuple[NDArray[np.uint16], NDArray[np.uint32]]:
    """Return local variable ids and raw device times; a word is a raw time, or `reboot@` and a raw
    time."""
    words = shorthand.split()
    lid = [REBOOT_STREAM if word.startswith("reboot@") else _OUTPUT_1 for word in words]
    raw_time = [int(word.removeprefix("reboot@"), 0) for word in words]
    return np.array(lid, dtype="<u2"), np.array(raw_time, dtype="<u4")


def placed(
    shorthand: str,
    *,
    received: str = "10:00:00",
    sent_s: int | None = 240,
    previous: tuple[str, int] | None = None,
) -> PlacedTimes:
    """Place a report; `previous`: received and sent time of the report before it."""
    lid, raw_time = rows(shorthand)
    previous_boot_us = None if previous is None else us(previous[0]) - previous[1] * SECOND_US
    return place_times(
        lid=lid,
        raw_time=raw_time,
        received_us=us(received),
        sent_s=sent_s,
        previous_boot_us=previous_boot_us,
    )


def seen(times: PlacedTimes) -> list[str]:
    """Return each reading as `09:56:10 cln`."""
    return [
        f"{datetime.fromtimestamp(ts / SECOND_US, UTC):%H:%M:%S} {TimeStatus(status).code}"
        for ts, status in zip(times.ts_us.tolist(), times.status.tolist(), strict=True)
    ]


def readings(statuses_and_clocks: Sequence[tuple[str, str]]) -> list[str]:
    """Return pairs of status and times, `("cln", "09:56:10 09:56:20")`, in the form of `seen`."""
    return [f"{clock} {status}" for status, clocks in statuses_and_clocks for clock in clocks.split()]
