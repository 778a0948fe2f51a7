"""When a device uploads, and what it does with the answer."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from demo.cloud import Cloud, CloudError
from demo.device import Device
from demo.streamers import STREAMERS, Streamer

UPLOAD_EVERY_S: Final = 10.0
CATCH_UP_EVERY_S: Final = 0.3  # while there is history to upload
RESEND_AFTER_S: Final = 30.0  # without an acknowledgement; doubled each time, since each report is larger
LONGEST_WAIT_S: Final = 600.0
LONGEST_PAUSE_S: Final = 60.0
_JITTER: Final = 0.2


@dataclass(frozen=True, slots=True)
class _SentReport:
    """An accepted report: its newest reading, and until when (monotonic seconds) to wait for its
    acknowledgement."""

    highest_id: int
    wait_s: float
    until: float


class Uplink:
    """Uploads for one device. `save` writes the device's flash."""

    def __init__(
        self,
        device: Device,
        cloud: Cloud,
        *,
        save: Callable[[], None],
        print_line: Callable[[str], None],
        random: Random,
    ) -> None:
        self.device = device
        self._cloud = cloud
        self.save = save
        self._print_line = print_line
        self._random = random
        self._sent: dict[int, _SentReport] = {}
        self._failures = 0
        self._last_problem = ""

    def step(self, now_s: int, monotonic_s: float) -> float | None:
        """Measure until now and upload. Returns the seconds until the next step; None for a device
        that went silent."""
        if self.device.is_silent:
            return None
        try:
            self._exchange(now_s, monotonic_s)
        except (CloudError, OSError) as error:
            return self._pause_after(error)
        self._recover()
        return CATCH_UP_EVERY_S if self.device.is_behind(now_s) else self._jittered(UPLOAD_EVERY_S)

    def _exchange(self, now_s: int, monotonic_s: float) -> None:
        """Measures before the request, which may fail, and again after the acknowledgement, which
        makes room in the log."""
        self.device.advance(now_s)
        self._fetch_acknowledgements()
        self.device.advance(now_s)
        for streamer in STREAMERS:
            if not self._is_waiting_for_acknowledgement(streamer, monotonic_s):
                self._send(streamer, monotonic_s)

    def _fetch_acknowledgements(self) -> None:
        spec = self.device.spec
        if any(self.device.pending(streamer) for streamer in STREAMERS):
            self.device.acknowledge(self._cloud.acknowledgements(key=spec.upload_key, slug=str(spec.slug)))

    def _is_waiting_for_acknowledgement(self, streamer: Streamer, monotonic_s: float) -> bool:
        sent = self._sent.get(streamer.index)
        if sent is not None and sent.highest_id <= self.device.flash.acknowledged.get(streamer.index, 0):
            del self._sent[streamer.index]
            return False
        return sent is not None and monotonic_s < sent.until

    def _send(self, streamer: Streamer, monotonic_s: float) -> None:
        report = self.device.report(streamer)
        if report is None:
            return
        # An id that left the device must never be assigned again, even if we crash right after
        # this.
        self.save()
        self._cloud.upload(key=self.device.spec.upload_key, data=report.data, received_s=report.received_s)
        before = self._sent.get(streamer.index)
        wait_s = min(2 * before.wait_s, LONGEST_WAIT_S) if before else RESEND_AFTER_S
        self._sent[streamer.index] = _SentReport(report.highest_id, wait_s, monotonic_s + wait_s)

    def _pause_after(self, error: Exception) -> float:
        """Returns a pause that doubles with each failure. Prints each new reason once."""
        self._failures += 1
        problem = f"{self.device.spec.slug}: {error}"
        if problem != self._last_problem:
            self._print_line(problem)
            self._last_problem = problem
        return self._jittered(min(2.0 ** (self._failures - 1), LONGEST_PAUSE_S))

    def _recover(self) -> None:
        if self._failures:
            self._print_line(f"{self.device.spec.slug}: the server accepts reports again")
        self._failures, self._last_problem = 0, ""

    def _jittered(self, seconds: float) -> float:
        return seconds * self._random.uniform(1 - _JITTER, 1 + _JITTER)
