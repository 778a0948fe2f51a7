"""Clock repair: from raw device time to UTC (report formats, part 2).

A raw device time is the uptime in seconds or, with bit 31 set, seconds since 2000. Uptime restarts
at each boot, and only the time of the newest boot is known: when the report was received, less the
uptime at which it was sent.

    reading     10   20   30 | 5c00    10   20 | 5c00    10   20
    part              0      |         1       |         2
    boot      of the previous|      estimated  |   received - sent
              report, if any |                 |
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from server.lib.instants import EARLIEST_US, LATEST_US
from server.lib.timeseries.status import TimeStatus

REBOOT_STREAM = 0x5C00
"""Its reading is the first one of each boot."""

NO_TIME = 0xFFFF_FFFF
"""Raw device time of an item of a dictionary report that has none. Signed lists have no such
rule."""

NOT_GIVEN = -(2**63)
"""Explicit time of a reading without one."""

MOST_AHEAD = timedelta(days=1)
"""A carrier's clock may be off by a time zone. A time further ahead of now is of a clock that is
wrong."""

_SECOND_US = 1_000_000
_RTC_BIT = 0x8000_0000
_RTC_EPOCH_S = 946_684_800
FIRST_CLOCK_US = 1_262_304_000 * _SECOND_US
"""2010. A clock that lost its battery counts from 2000, so its first years prove nothing."""

_CLOCK_AHEAD_US = 86_400 * _SECOND_US  # a carrier's clock may be off by a time zone
_LONGEST_S = (LATEST_US - EARLIEST_US) // _SECOND_US


@dataclass(frozen=True, slots=True)
class PlacedTimes:
    """Times of the readings of one report, in their order. All times are microseconds of UTC since
    1970."""

    ts_us: NDArray[np.int64]
    status: NDArray[np.uint8]
    """A TimeStatus per reading."""
    boot_us: int
    """The time of the newest boot."""
    reboots: int
    """The number of readings of the reboot stream."""


@dataclass(frozen=True, slots=True)
class EndedBoot:
    """The boot of a report's last readings, if it ended before the report was sent; readings after
    it are in other reports."""

    end_us: int
    """The latest possible time of its readings."""
    boot_us: int | None = None
    """None: the last of the readings is at the end."""
    status: TimeStatus = TimeStatus.DRT


@dataclass(frozen=True, slots=True)
class _Boots:
    """The boots of one report, oldest first; each array has one item per boot."""

    moment_us: NDArray[np.int64]
    end_us: NDArray[np.int64]
    """The latest possible times of their readings."""
    status: NDArray[np.uint8]


def place_times(
    *,
    lid: NDArray[np.uint16],
    raw_time: NDArray[np.uint32],
    received_us: int,
    sent_s: int | None,
    previous_boot_us: int | None,
    before_previous: int = 0,
    given_us: NDArray[np.int64] | None = None,
    no_time_word: bool = False,
    ended: EndedBoot | None = None,
) -> PlacedTimes:
    """Place the readings of one report, given in the order of their ids.

    - An explicit time (`given_us` other than NOT_GIVEN) wins, then bit 31: status `utc`.
    - With `no_time_word` a raw time of NO_TIME means unknown: received time, status `unk`.
    - Uptimes from the last reboot on count from received - sent: status `cln`. Without a sent time
      the largest of these uptimes replaces it: status `drt`.
    - An older boot ends one second before the next one begins, with its last uptime: status `drt`.
      It ends earlier where a clock time follows that its reading must have come before.
    - Readings before the first reboot since the streamer's previous report count from
      `previous_boot_us`, its received - sent: status `cln`. The first `before_previous` readings
      are older than that report. If that would put the last of them after the end of their boot,
      the previous report is of a later boot or its received time is wrong, and they are placed like
      any older boot.
    - An uptime that would still be after the end of its boot (it ran backwards, or is damaged) is
      placed at that end, status `drt`. So what comes before a reboot is placed before it, and boots
      are in the order of the readings.
    - With `ended` the report was sent in a later boot than that of its last readings, which are
      then placed like an older boot.
    - Nothing is placed outside EARLIEST_US to LATEST_US.
    """
    raw = raw_time.astype(np.int64)
    boot_of = np.cumsum(lid == REBOOT_STREAM)
    ends_us = _ends_by_clock(raw, boot_of, received_us)
    boots = _boots(raw, boot_of, received_us, sent_s, ends_us)
    boot_us = int(boots.moment_us[-1])
    if ended is not None:
        boots = _with_ended_boot(raw, boot_of, ends_us, ended)
    if previous_boot_us is not None and (len(boots.moment_us) > 1 or ended is not None):
        previous = int(boot_of[before_previous - 1]) if before_previous else 0
        if previous < len(boots.moment_us) - 1 or ended is not None:
            boots = _based_on_previous_report(raw, boot_of, ends_us, boots, previous, previous_boot_us)
    ts_us, status = _from_uptime(raw, boot_of, boots)

    rtc = raw >= _RTC_BIT
    ts_us[rtc] = (_RTC_EPOCH_S + raw[rtc] - _RTC_BIT) * _SECOND_US
    status[rtc] = TimeStatus.UTC
    if no_time_word:
        unknown = raw == NO_TIME
        ts_us[unknown] = received_us
        status[unknown] = TimeStatus.UNK
    if given_us is not None:
        given = given_us != NOT_GIVEN
        ts_us[given] = given_us[given]
        status[given] = TimeStatus.UTC

    ts_us.clip(EARLIEST_US, LATEST_US, out=ts_us)
    return PlacedTimes(ts_us, status, boot_us=boot_us, reboots=len(boots.moment_us) - 1)


def place_event_time(
    raw_time: int | None,
    given_us: int | None,
    boot_us: int,
    *,
    received_us: int | None = None,
    boot_is_exact: bool = True,
) -> tuple[int, TimeStatus]:
    """Return microseconds of UTC and status of one event of a dictionary report; `boot_us` as found
    by `place_times`.

    An event without any time is placed at `received_us`, or at the boot if that is not given:
    status `unk`. With `boot_is_exact` False (no sent time) an uptime gives `drt`, and never a time
    after `received_us`.
    """
    if given_us is not None and given_us != NOT_GIVEN:
        return _clamped(given_us), TimeStatus.UTC
    if raw_time is None or raw_time == NO_TIME:
        return _clamped(boot_us if received_us is None else received_us), TimeStatus.UNK
    if raw_time & _RTC_BIT:
        return _clamped((_RTC_EPOCH_S + raw_time - _RTC_BIT) * _SECOND_US), TimeStatus.UTC
    placed_us = boot_us + raw_time * _SECOND_US
    if boot_is_exact:
        return _clamped(placed_us), TimeStatus.CLN
    return _clamped(placed_us if received_us is None else min(placed_us, received_us)), TimeStatus.DRT


def _boots(
    raw: NDArray[np.int64],
    boot_of: NDArray[np.int64],
    received_us: int,
    sent_s: int | None,
    ends_us: NDArray[np.int64] | None,
) -> _Boots:
    """Return the newest boot by received and sent time, and each older one by the boot after it."""
    reboots = int(boot_of[-1]) if len(boot_of) else 0
    has_uptime = raw < _RTC_BIT
    largest_s = raw[has_uptime & (boot_of == reboots)].max(initial=0)
    newest_us = _clamped(received_us - (int(largest_s) if sent_s is None else sent_s) * _SECOND_US)
    newest_status = TimeStatus.DRT if sent_s is None else TimeStatus.CLN
    return _chain_boots(_last_uptimes(raw, boot_of), newest_us, LATEST_US, newest_status, ends_us)


def _with_ended_boot(
    raw: NDArray[np.int64], boot_of: NDArray[np.int64], ends_us: NDArray[np.int64] | None, ended: EndedBoot
) -> _Boots:
    """Return the boots of a report that was sent in a later boot than the newest of them."""
    last_uptime_s = _last_uptimes(raw, boot_of)
    end_us = _clamped(ended.end_us)
    boot_us, status = ended.boot_us, ended.status
    if boot_us is None:
        boot_us, status = end_us - int(last_uptime_s[-1]) * _SECOND_US, TimeStatus.DRT
    return _chain_boots(last_uptime_s, _clamped(boot_us), end_us, status, ends_us)


def _last_uptimes(raw: NDArray[np.int64], boot_of: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the last uptime of each boot, in seconds."""
    has_uptime = raw < _RTC_BIT
    last_uptime_s = np.zeros(int(boot_of[-1]) + 1 if len(boot_of) else 1, dtype=np.int64)
    # Assigning several values to one boot leaves the last.
    last_uptime_s[boot_of[has_uptime]] = raw[has_uptime]
    return last_uptime_s


def _ends_by_clock(
    raw: NDArray[np.int64], boot_of: NDArray[np.int64], received_us: int
) -> NDArray[np.int64] | None:
    """Return for each boot the first clock time behind its last uptime, in whichever boot; None
    when the report has no clock times."""
    is_clock = raw >= _RTC_BIT
    if not is_clock.any():
        return None
    clock_us = (_RTC_EPOCH_S + raw - _RTC_BIT) * _SECOND_US
    is_set = is_clock & (clock_us >= FIRST_CLOCK_US) & (clock_us <= received_us + _CLOCK_AHEAD_US)
    clock_us = np.append(np.where(is_set, clock_us, LATEST_US), LATEST_US)
    next_us = np.minimum.accumulate(clock_us[::-1])[::-1]
    behind = np.searchsorted(boot_of, np.arange(int(boot_of[-1]) + 1))
    uptimes = np.flatnonzero(~is_clock)
    behind[boot_of[uptimes]] = uptimes + 1
    ends_us: NDArray[np.int64] = next_us[behind]
    return ends_us


def _chain_boots(
    last_uptime_s: NDArray[np.int64],
    newest_us: int,
    newest_end_us: int,
    newest_status: TimeStatus,
    ends_us: NDArray[np.int64] | None,
) -> _Boots:
    """Place each boot so that its last uptime is a second before the next boot, or where `ends_us`
    is earlier, there."""
    if ends_us is None:
        before_newest_s = np.cumsum((last_uptime_s[:-1] + 1)[::-1])[::-1]
        # Thousands of boots of 68 years each would not fit into 64 bits of microseconds.
        older_us = newest_us - np.minimum(before_newest_s, _LONGEST_S) * _SECOND_US
        moment_us = np.append(older_us, newest_us)
        end_us = np.append(moment_us[1:] - _SECOND_US, newest_end_us)
    else:
        moment_us, end_us = _chain_before_clocks(last_uptime_s, newest_us, newest_end_us, ends_us)
    status = np.full(len(moment_us), TimeStatus.DRT, dtype=np.uint8)
    status[-1] = newest_status
    return _Boots(moment_us, end_us, status)


def _chain_before_clocks(
    last_uptime_s: NDArray[np.int64], newest_us: int, newest_end_us: int, ends_us: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    moments, ends = [newest_us], [newest_end_us]
    for last_s, clock_us in zip(last_uptime_s[-2::-1].tolist(), ends_us[-2::-1].tolist(), strict=True):
        ends.append(max(min(moments[-1] - _SECOND_US, clock_us), EARLIEST_US))
        moments.append(max(ends[-1] - last_s * _SECOND_US, EARLIEST_US))
    return np.array(moments[::-1], dtype=np.int64), np.array(ends[::-1], dtype=np.int64)


def _based_on_previous_report(
    raw: NDArray[np.int64],
    boot_of: NDArray[np.int64],
    ends_us: NDArray[np.int64] | None,
    boots: _Boots,
    previous: int,
    previous_boot_us: int,
) -> _Boots:
    """Place the boot with the number `previous` at its known time, unless its last reading would
    then be after its end, and those before it accordingly."""
    if not EARLIEST_US <= previous_boot_us <= boots.moment_us[previous]:
        return boots
    up_to = slice(0, previous + 1)
    older = _chain_boots(
        _last_uptimes(raw, boot_of)[up_to],
        previous_boot_us,
        int(boots.end_us[previous]),
        TimeStatus.CLN,
        None if ends_us is None else ends_us[up_to],
    )
    moment_us, end_us, status = boots.moment_us.copy(), boots.end_us.copy(), boots.status.copy()
    moment_us[up_to], end_us[up_to], status[up_to] = older.moment_us, older.end_us, older.status
    return _Boots(moment_us, end_us, status)


def _from_uptime(
    raw: NDArray[np.int64], boot_of: NDArray[np.int64], boots: _Boots
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Return times and statuses as if every raw device time were an uptime."""
    ts_us = boots.moment_us[boot_of] + raw * _SECOND_US
    end_us = boots.end_us[boot_of]
    status = np.where(ts_us > end_us, np.uint8(TimeStatus.DRT), boots.status[boot_of])
    return np.minimum(ts_us, end_us), status


def _clamped(moment_us: int) -> int:
    return min(max(moment_us, EARLIEST_US), LATEST_US)
