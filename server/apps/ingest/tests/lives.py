"""Random lives of devices with known truth: reboots, drift, clocks that are set, trip marks, and
uploads of several streamers that are late, repeated, slow or out of order."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from server.apps.ingest.tests.older_devices import SYSTEM_LOG, USER_ONLY, Sent
from server.apps.ingest.tests.sent import IO_1, REBOOT, SYSTEM, USER
from server.lib.formats import Row
from server.lib.formats.selector import takes

STORAGE: Final = 0x0FFF
TRIP_START: Final = 0x0E00
TRIP_END: Final = 0x0E01
_BEGIN_S: Final = int(datetime(2018, 3, 1, tzinfo=UTC).timestamp())
_RTC_EPOCH_S: Final = 946_684_800
_RTC_BIT: Final = 0x8000_0000
_HOUR_S: Final = 3600.0
_DAY_S: Final = 24 * _HOUR_S


@dataclass(frozen=True)
class Life:
    """Reports in the order in which they are processed, and the true time of each reading, in
    seconds since 1970."""

    reports: Sequence[Sent]
    truth: Mapping[int, float]


def random_life(seed: int) -> Life:
    return _Device(random.Random(seed)).live()


@dataclass
class _Device:
    rng: random.Random
    now_s: float = _BEGIN_S
    boot_s: float = _BEGIN_S
    next_id: int = 1
    clock_is_set: bool = False
    log: list[Row] = field(default_factory=list)
    truth: dict[int, float] = field(default_factory=dict)
    acknowledged: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.drift = self.rng.uniform(-50e-6, 50e-6)
        self.is_logger = self.rng.random() < 0.5
        self.sets_clock = self.rng.random() < 0.25
        self.keeps_clock = self.rng.random() < 0.5
        user = USER if self.rng.random() < 0.7 else USER_ONLY
        self.selectors = [user, SYSTEM, *([STORAGE] if self.is_logger else [])]
        self.boots()

    def live(self) -> Life:
        sent: list[Sent] = []
        for _ in range(self.rng.randint(2, 5)):
            for _ in range(self.rng.randint(1, 3)):
                self.measures_for_a_while()
                self.something_happens()
            sent += self.session()
        return Life(self._in_some_order(sent), self.truth)

    def measures_for_a_while(self) -> None:
        every_s = self.rng.choice([10.0, 60.0, 600.0, _HOUR_S, 6 * _HOUR_S])
        for _ in range(self.rng.randint(2, 15)):
            self.now_s += every_s * self.rng.uniform(0.9, 1.1)
            self.measures(self.rng.choice([IO_1, IO_1, IO_1, IO_1 + 1, SYSTEM_LOG]))

    def something_happens(self) -> None:
        chance = self.rng.random()
        if self.is_logger and chance < 0.4:
            self.now_s += self.rng.uniform(5, 60)
            self.measures(self.rng.choice([TRIP_START, TRIP_END]), value=int(self.now_s))
        elif self.sets_clock and chance < 0.6:
            self.clock_is_set = True
        elif chance > 0.7:
            self.now_s += self.rng.choice([20.0, 600.0, _HOUR_S, 3 * _DAY_S, 60 * _DAY_S])
            self.boots()

    def boots(self) -> None:
        self.boot_s = self.now_s
        self.now_s += 2
        self.clock_is_set &= self.keeps_clock
        self.measures(REBOOT, value=1)

    def measures(self, lid: int, *, value: int = 7) -> None:
        self.log.append((lid, self.next_id, self._raw_time(), value))
        self.truth[self.next_id] = self.now_s
        self.next_id += 1

    def session(self) -> Iterator[Sent]:
        """A carrier comes and gets the reports of all streamers in turn."""
        self.now_s += self.rng.uniform(10, 2000)
        for selector in self.selectors:
            rows = tuple(
                row
                for row in self.log
                if takes(selector, row[0]) and row[1] > self.acknowledged.get(selector, 0)
            )
            if not rows:
                continue
            own_id, self.next_id = self.next_id, self.next_id + 1
            sent_s = self._uptime_s()
            self.now_s += self.rng.uniform(60, 600) if self.rng.random() < 0.15 else self.rng.uniform(0, 1)
            received = datetime.fromtimestamp(int(self.now_s), UTC)
            if self.rng.random() < 0.85:
                self.acknowledged[selector] = rows[-1][1]
            yield Sent(selector, rows, own_id, sent_s, received)

    def _in_some_order(self, sent: list[Sent]) -> list[Sent]:
        """Most come as they were made; some carriers keep them, and some send them twice."""
        late = self.rng.random() < 0.3
        places = [place + (self.rng.uniform(0, 4) if late else 0.0) for place in range(len(sent))]
        ordered = [report for _, report in sorted(zip(places, sent, strict=True), key=lambda pair: pair[0])]
        again = self.rng.sample(ordered, 1) if ordered and self.rng.random() < 0.2 else []
        return [*ordered, *again]

    def _uptime_s(self) -> int:
        return int((self.now_s - self.boot_s) * (1 + self.drift))

    def _raw_time(self) -> int:
        if self.clock_is_set:
            return _RTC_BIT | int(self.now_s - _RTC_EPOCH_S)
        return self._uptime_s()


def share_within(found: Mapping[int, float], truth: Mapping[int, float], seconds: float) -> tuple[int, int]:
    """Return how many readings are within so many seconds of the truth, and how many there are."""
    near = sum(abs(found[id] - truth[id]) <= seconds for id in found)
    return near, len(found)
