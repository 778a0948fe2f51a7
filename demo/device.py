"""A demo device: it measures, reboots now and then, makes reports of its log, and drops what is
acknowledged.

Its clock starts in the past and catches up in big steps, then follows real time in small ones. So
history, and the hours in which the demo did not run, come from the same code as live readings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from demo.flash import Flash
from demo.noise import fraction
from demo.roster import DeviceSpec
from demo.sensors import BATTERY, HISTORY_STEP_S, LIVE_STEP_S, Moment, Quantity
from demo.streamers import APP_VERSION, OS_VERSION, REBOOT, STREAMERS, Streamer
from server.lib.formats import Row, SignatureKind, encode_signed_list

HISTORY_S: Final = 30 * 24 * 3600
LONGEST_PAST_S: Final = HISTORY_S + 24 * 3600  # a device that was off for longer skips the rest
BEHIND_S: Final = HISTORY_STEP_S  # further back than this, time passes in big steps
CHUNK_READINGS: Final = 2000  # history is made in pieces of this size, each acknowledged before the next
SILENT_AFTER_S: Final = 60  # after catching up, for the device that goes silent

_OS_VERSION: Final = (1024, 2, 1)  # tag, major, minor
_POWER_ON: Final = 1
_HOUR_S: Final = 3600
_REBOOTS_AN_HOUR: Final = {True: 1 / 6, False: 1 / 200}  # more often when live, so that a visitor sees one
_WORD_MASK: Final = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class Report:
    """`received_s`: when the carrier received it from the device (Unix seconds)."""

    data: bytes
    highest_id: int
    received_s: int


class Device:
    def __init__(self, spec: DeviceSpec, flash: Flash | None, *, now_s: int) -> None:
        """Without a flash it is a new device, switched on 30 days ago."""
        self.spec = spec
        self.flash = flash or Flash(clock_s=now_s - HISTORY_S, booted_s=now_s - HISTORY_S)
        if flash is None:
            self._boot()

    @property
    def is_silent(self) -> bool:
        """Whether it has stopped reporting for good."""
        since = self.flash.live_since_s
        return self.spec.goes_silent and since is not None and self.flash.clock_s - since > SILENT_AFTER_S

    def is_behind(self, now_s: int) -> bool:
        return now_s - self.flash.clock_s > BEHIND_S

    def advance(self, now_s: int) -> None:
        """Measure until now, or until a piece of history is complete."""
        if now_s - self.flash.clock_s > LONGEST_PAST_S:
            self._skip_old_history(now_s)
        while not self.is_silent:
            behind = self.is_behind(now_s)
            step = HISTORY_STEP_S if behind else LIVE_STEP_S
            tick = (self.flash.clock_s // step + 1) * step
            if behind and len(self.flash.log) >= CHUNK_READINGS:
                return
            if tick > now_s:
                self._mark_caught_up()
                return
            self._tick(tick, live=not behind)

    def pending(self, streamer: Streamer) -> list[Row]:
        """Returns what is not acknowledged for this streamer, in the order of reading ids."""
        acknowledged = self.flash.acknowledged.get(streamer.index, 0)
        return [row for row in self.flash.log if streamer.takes(row[0]) and row[1] > acknowledged]

    def report(self, streamer: Streamer) -> Report | None:
        """Returns a report of everything pending, which takes the next id; None when nothing is."""
        rows = self.pending(streamer)
        if not rows:
            return None
        key = self.spec.user_key
        data = encode_signed_list(
            device_id=self.spec.slug.number,
            report_id=self._take_id(),
            sent_s=self._uptime_s,
            streamer_index=streamer.index,
            selector=streamer.selector,
            readings=rows,
            signature=SignatureKind.HASH if key is None else SignatureKind.USER_KEY,
            root_key=key,
        )
        return Report(data, highest_id=rows[-1][1], received_s=self.flash.clock_s)

    def acknowledge(self, acknowledged: Mapping[int, int]) -> None:
        """Drop what is acknowledged for every streamer that takes it. `acknowledged` has reading
        ids by streamer index."""
        acknowledged_ids = self.flash.acknowledged
        for streamer in STREAMERS:
            acknowledged_ids[streamer.index] = max(
                acknowledged_ids.get(streamer.index, 0), acknowledged.get(streamer.index, 0)
            )
        # The server knows higher ids than we do only after our file was lost.
        self.flash.next_id = max(self.flash.next_id, *(number + 1 for number in acknowledged_ids.values()))
        self.flash.log.drop(
            lambda row: all(
                row[1] <= acknowledged_ids[each.index] for each in STREAMERS if each.takes(row[0])
            )
        )

    def record_at(self, at_s: int, stream: int, value: int) -> None:
        """Log a reading at a given time. The clock never goes back: an earlier time becomes the
        current one."""
        self.flash.clock_s = max(at_s, self.flash.clock_s)
        self._record(stream, value)

    @property
    def _uptime_s(self) -> int:
        return self.flash.clock_s - self.flash.booted_s

    def _take_id(self) -> int:
        taken = self.flash.next_id
        self.flash.next_id += 1
        return taken

    def _mark_caught_up(self) -> None:
        if self.flash.live_since_s is None:
            self.flash.live_since_s = self.flash.clock_s

    def _tick(self, tick_s: int, *, live: bool) -> None:
        self.flash.clock_s = tick_s
        if self._loses_power(live=live):
            self._boot()
        for quantity in (*self.spec.kind.quantities, BATTERY):
            period = quantity.live_every_s if live else quantity.history_every_s
            if tick_s % period == 0:
                self._measure(quantity, period)

    def _measure(self, quantity: Quantity, period_s: int) -> None:
        now_s, seed = self.flash.clock_s, self.spec.seed
        since_s = self.flash.measured_s.get(quantity.stream, now_s - period_s)
        moment = Moment(now_s, since_s, seed, self.flash.counters)
        self.flash.measured_s[quantity.stream] = now_s
        self._record(quantity.stream, quantity.measure(moment))

    def _record(self, stream: int, value: int) -> None:
        self.flash.log.append((stream, self._take_id(), self._uptime_s, value & _WORD_MASK))

    def _loses_power(self, *, live: bool) -> bool:
        """Whether this tick is a power cut: at most one an hour, at a minute that differs by
        device."""
        hour, offset_s = divmod(self.flash.clock_s - HISTORY_STEP_S * (self.spec.seed % 6), _HOUR_S)
        return offset_s == 0 and fraction(self.spec.seed, hour, REBOOT) < _REBOOTS_AN_HOUR[live]

    def _skip_old_history(self, now_s: int) -> None:
        self.flash.clock_s = now_s - HISTORY_S
        self.flash.measured_s.clear()
        self._boot()

    def _boot(self) -> None:
        """Restart the uptime, not the ids; log the reboot and the versions."""
        self.flash.booted_s = self.flash.clock_s
        self._record(REBOOT, _POWER_ON)
        self._record(OS_VERSION, _version_word(*_OS_VERSION))
        self._record(APP_VERSION, _version_word(*self.spec.kind.app_version))


def _version_word(tag: int, major: int, minor: int) -> int:
    return major << 26 | minor << 20 | tag
