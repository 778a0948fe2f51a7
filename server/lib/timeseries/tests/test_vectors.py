"""The times that the published report vectors expect."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TypedDict

import numpy as np
import pytest

from server.lib.timeseries import NOT_GIVEN, REBOOT_STREAM, PlacedTimes, TimeStatus, place_times

_MANIFEST = Path(__file__).parents[4] / "docs" / "protocol" / "vectors" / "reports" / "manifest.json"
_UNKNOWN_SENT = 0xFFFF_FFFF
_STATUS_OF_RULE = {"uptime": TimeStatus.CLN, "rtc": TimeStatus.UTC, "given": TimeStatus.UTC}


class Vector(TypedDict):
    """The keys about time of a report in the manifest."""

    id: str
    received_time: str
    sent_timestamp: int
    format: int | str
    readings: list[tuple[int, int, int, int]]
    utc: list[tuple[str | None, str]]


def _timed_vectors() -> list[Vector]:
    reports: list[Vector] = json.loads(_MANIFEST.read_text())["reports"]
    return [report for report in reports if report.get("utc")]


def _us(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return int(moment.replace(microsecond=0).timestamp()) * 1_000_000 + moment.microsecond


def _place(vector: Vector) -> PlacedTimes:
    given = [_us(utc) if rule == "given" and utc else NOT_GIVEN for utc, rule in vector["utc"]]
    sent_s = vector["sent_timestamp"]
    return place_times(
        lid=np.array([row[0] for row in vector["readings"]], dtype="<u2"),
        raw_time=np.array([row[2] for row in vector["readings"]], dtype="<u4"),
        received_us=_us(vector["received_time"]),
        sent_s=None if sent_s == _UNKNOWN_SENT else sent_s,
        previous_boot_us=None,
        given_us=np.array(given),
        no_time_word=vector["format"] == "dictionary",
    )


VECTORS = _timed_vectors()
REBOOTED = [vector for vector in VECTORS if any(rule == "before-reboot" for _, rule in vector["utc"])]


def test_the_vectors_know_every_rule() -> None:
    rules = {rule for vector in VECTORS for _, rule in vector["utc"]}

    assert rules == {"uptime", "rtc", "given", "before-reboot"}


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["id"] for vector in VECTORS])
def test_times_that_are_certain_come_out_exactly(vector: Vector) -> None:
    times = _place(vector)

    for at, (utc, rule) in enumerate(vector["utc"]):
        if utc is not None:
            assert (times.ts_us[at], times.status[at]) == (_us(utc), _STATUS_OF_RULE[rule])


@pytest.mark.parametrize("vector", REBOOTED, ids=[vector["id"] for vector in REBOOTED])
def test_times_before_the_last_reboot_are_estimates_in_order_before_it(vector: Vector) -> None:
    times = _place(vector)

    reboot = sum(rule == "before-reboot" for _, rule in vector["utc"])
    assert vector["readings"][reboot][0] == REBOOT_STREAM
    assert set(times.status[:reboot].tolist()) == {TimeStatus.DRT}
    assert bool((np.diff(times.ts_us[:reboot]) >= 0).all())
    assert times.ts_us[reboot - 1] < times.ts_us[reboot]
