"""One run: traffic, a fault in the middle of it, and a check of everything that is stored."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from chaos import faults, verdict
from chaos.devices import Device, Upload
from chaos.faults import FAULT_KINDS, FaultContext, FaultKind
from chaos.harness.queries import close_connections, query_core
from chaos.installation import Installation
from chaos.owner import Owner
from chaos.uplink import ReportNotAccepted, Traffic, Uplink, send_reports
from chaos.verdict import Verdict

BATCH: Final = 25  # runs with the same devices
MIN_RUNS: Final = 3  # runs, to see whether a fault has an effect
REPORTS: Final = 3  # of each device in each run
DRAINED_WITHIN_S: Final = 60.0
SENDERS_DONE_WITHIN_S: Final = 120.0
POLL_EVERY_S: Final = 0.01
CONCURRENT: Final = 10  # uploads of one streamer at once


@dataclass
class Tally:
    """Counts of one kind of fault."""

    runs: int = 0
    not_counted: int = 0
    """Runs in which the error that the fault is to cause was not seen."""
    met_uploads: int = 0
    """Runs in which uploads were in progress when the fault was injected."""
    mid_job: int = 0
    uploads: int = 0
    tries: int = 0
    stuck: int = 0
    lost: int = 0
    doubled: int = 0
    other: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    answers: Counter[str] = field(default_factory=Counter)


class Runs:
    """`faults` collects every violation with the run in which it was found."""

    def __init__(self, installation: Installation, rng: Random) -> None:
        self._installation, self._rng = installation, rng
        self._uplink = Uplink(installation.web_port)
        self._owner = Owner()
        self._devices: list[Device] = []
        self.all_devices: list[Device] = []
        self.tallies: defaultdict[str, Tally] = defaultdict(Tally)
        self.faults: list[str] = []

    def run(self, number: int, kind: FaultKind) -> None:
        if number % BATCH == 0:
            self._devices = self._owner.new_devices(self._rng)
            self.all_devices += self._devices
            self._installation.workers.restart()
        self._installation.renew()
        context = FaultContext(self._installation, Random(self._rng.random()), Traffic())
        tally = self.tallies[kind.name]
        before = sum(len(device.uploads) for device in self._devices)
        started = time.monotonic()
        with kind.during(self._installation):
            refused = self._traffic(context, kind)
            stuck = self._wait_for_empty_queue()
        self._installation.clock.set(0)
        took = time.monotonic() - started
        tally.runs += context.had_effect
        tally.not_counted += not context.had_effect
        tally.met_uploads += context.had_effect and context.met_uploads > 0
        tally.mid_job += context.mid_job
        tally.seconds += took
        tally.slowest = max(tally.slowest, took)
        self._count_uploads(tally, before)
        self._record_result(f"run {number}, {kind.name}", tally, stuck, refused)

    def without_effect(self) -> list[str]:
        """Returns the kinds of fault that had no effect on any upload, and so prove nothing."""
        unseen = [f"{name}: without an effect" for name, tally in self.tallies.items() if not tally.runs]
        return unseen + [
            f"{kind.name}: not one answer was {kind.expected_answer}"
            for kind in FAULT_KINDS
            if kind.expected_answer and (tally := self.tallies.get(kind.name)) and tally.runs >= MIN_RUNS
            if not tally.answers[kind.expected_answer]
        ]

    def check_all_devices(self) -> Verdict:
        """Check every device of every run once more, at the end."""
        return verdict.check_devices(self.all_devices)

    def _traffic(self, context: FaultContext, kind: FaultKind) -> list[str]:
        """Run the senders in threads while this one injects the fault. Returns the problems of the
        senders."""
        complaints: list[str] = []
        concurrent = kind.name == faults.CONCURRENT_UPLOADS
        traffic = context.traffic
        threads = (
            self._concurrent_senders(complaints, traffic)
            if concurrent
            else self._senders(kind, complaints, traffic)
        )
        for thread in threads:
            thread.start()
        try:
            kind.inject(context)
        except AssertionError as error:
            complaints.append(f"not injected, or not repaired: {error}")
        finally:
            traffic.struck.set()
        deadline = time.monotonic() + SENDERS_DONE_WITHIN_S
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        if any(thread.is_alive() for thread in threads):
            complaints.append("a sender did not come to an end")
        return complaints

    def _senders(self, kind: FaultKind, complaints: list[str], traffic: Traffic) -> list[threading.Thread]:
        for device in self._devices:
            steps = kind.name == faults.WRONG_SENDER_CLOCK
            device.clock_error_s = device.rng.randrange(-40_000, 40_000) if steps else 0
        return [
            threading.Thread(target=self._run_sender, args=(device, complaints, traffic), daemon=True)
            for device in self._devices
        ]

    def _run_sender(self, device: Device, complaints: list[str], traffic: Traffic) -> None:
        try:
            send_reports(self._uplink, device, traffic, reports=REPORTS, rng=device.rng)
        except ReportNotAccepted as error:
            complaints.append(str(error))

    def _concurrent_senders(self, complaints: list[str], traffic: Traffic) -> list[threading.Thread]:
        device = self._rng.choice(self._devices)
        device.clock_error_s = 0
        return [
            threading.Thread(target=self._deliver, args=(device, upload, complaints, traffic), daemon=True)
            for upload in device.overlapping_uploads(CONCURRENT)
        ]

    def _deliver(self, device: Device, upload: Upload, complaints: list[str], traffic: Traffic) -> None:
        """Again and again until the fault was injected."""
        try:
            self._uplink.deliver(device, upload, traffic)
            while not traffic.struck.is_set():
                self._uplink.deliver(device, upload, traffic)
        except ReportNotAccepted as error:
            complaints.append(str(error))

    def _wait_for_empty_queue(self) -> list[str]:
        """Returns the jobs that are left when the time is up, and the dead letters."""
        deadline = time.monotonic() + DRAINED_WITHIN_S
        close_connections()
        while True:
            left = query_core("SELECT id, attempt, deferred, available_on - now(), body FROM core_job")
            if not left:
                break
            if time.monotonic() > deadline:
                return [str(row) for row in left]
            time.sleep(POLL_EVERY_S)
        dead = query_core("SELECT id, reason FROM core_deadjob")
        return [f"dead letter: {row}" for row in dead]

    def _count_uploads(self, tally: Tally, before: int) -> None:
        uploads: Sequence[Upload] = [up for device in self._devices for up in device.uploads]
        for upload in uploads:
            tally.tries += len(upload.answers)
            tally.answers.update(upload.answers)
            upload.answers.clear()
        tally.uploads += len(uploads) - before

    def _record_result(self, where: str, tally: Tally, stuck: list[str], refused: list[str]) -> None:
        found = verdict.check_devices(self._devices)
        tally.lost += found.lost
        tally.doubled += found.doubled
        tally.stuck += len(stuck)
        problems = [
            *found.faults,
            *(f"stuck: {each}" for each in stuck),
            *refused,
            *self._wrong_acknowledgements(),
        ]
        tally.other += bool(problems) and not (found.lost or found.doubled or stuck)
        self.faults += [f"{where}: {each}" for each in problems]

    def _wrong_acknowledgements(self) -> list[str]:
        """Returns where the API's acknowledgements differ from what the devices have sent."""
        wrong = []
        for device in self._devices:
            reported = self._uplink.acknowledgements(device)
            if reported != device.highest_ids():
                wrong.append(f"device {device.number:x} gets {reported}, and has sent {device.highest_ids()}")
        return wrong


def plan(installation: Installation, runs: int, only: str) -> tuple[list[FaultKind], list[str]]:
    """Returns the fault of each run, and lines that say which faults are left out and why."""
    chosen = [kind for kind in FAULT_KINDS if only in kind.name]
    reasons = {kind: kind.unavailable_because(installation) for kind in chosen}
    left_out = [f"Left out: {kind.name}, because {reason}." for kind, reason in reasons.items() if reason]
    chosen = [kind for kind in chosen if not reasons[kind]]
    whole = sum(kind.share for kind in chosen)
    wanted = [(kind, runs * kind.share / whole) for kind in chosen]
    planned = [kind for kind, count in wanted for _ in range(int(count))]
    rest = sorted(wanted, key=lambda pair: pair[1] % 1, reverse=True)
    planned += [kind for kind, _ in rest[: runs - len(planned)]]
    return planned, left_out
