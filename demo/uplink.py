"""When a device talks to the server, and what it makes of the answer."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from demo.cloud import Cloud, CloudError
from demo.device import Device
from demo.streamers import STREAMERS, Streamer

UPLOAD_EVERY_S: Final = 10.0
CATCH_UP_EVERY_S: Final = 0.3  # while there is a past to tell
RESEND_AFTER_S: Final = (
    30.0  # when no acknowledgement came; twice as long each time, since there is more each time
)
LONGEST_WAIT_S: Final = 600.0
LONGEST_PAUSE_S: Final = 60.0
_JITTER: Final = 0.2


@dataclass(frozen=True, slots=True)
class _SentReport:
    """A report that the server took: its newest reading, and until when (monotonic seconds) to wait for word of it."""

    highest_id: int
    wait_s: float
    until: float


class Uplink:
    """One device's way to the server. `save` keeps the device's flash; `say` takes a line for people."""

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
        """Live until now and talk once. Gives the seconds until the next time; None for a device that went silent."""
        if self.device.is_silent:
            return None
        try:
            self._exchange(now_s, monotonic_s)
        except (CloudError, OSError) as error:
            return self._pause_after(error)
        self._recover()
        return CATCH_UP_EVERY_S if self.device.is_behind(now_s) else self._jittered(UPLOAD_EVERY_S)

    def _exchange(self, now_s: int, monotonic_s: float) -> None:
        """Measuring goes on whether the server answers or not, so it comes first as well as after the acknowledgement."""
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
        # An id that left the device must never be given again, also after a crash in the next moment.
        self.save()
        self._cloud.upload(key=self.device.spec.upload_key, data=report.data, received_s=report.received_s)
        before = self._sent.get(streamer.index)
        wait_s = min(2 * before.wait_s, LONGEST_WAIT_S) if before else RESEND_AFTER_S
        self._sent[streamer.index] = _SentReport(report.highest_id, wait_s, monotonic_s + wait_s)

    def _pause_after(self, error: Exception) -> float:
        """Twice as long each time. The log is kept; the reason is said once, not each time."""
        self._failures += 1
        problem = f"{self.device.spec.slug}: {error}"
        if problem != self._last_problem:
            self._print_line(problem)
            self._last_problem = problem
        return self._jittered(min(2.0 ** (self._failures - 1), LONGEST_PAUSE_S))

    def _recover(self) -> None:
        if self._failures:
            self._print_line(f"{self.device.spec.slug}: the server takes reports again")
        self._failures, self._last_problem = 0, ""

    def _jittered(self, seconds: float) -> float:
        return seconds * self._random.uniform(1 - _JITTER, 1 + _JITTER)
