"""One run: traffic, a fault in the middle of it, and the question whether all is as it must be."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from chaos import faults, verdict
from chaos.devices import Device, Upload
from chaos.faults import KINDS, Kind, Scene
from chaos.harness.questions import core, forget_connections
from chaos.installation import Installation
from chaos.owner import Owner
from chaos.uplink import NotTaken, Uplink, converse
from chaos.verdict import Verdict

BATCH: Final = 25  # runs with the same devices
ENOUGH: Final = 3  # runs, to see whether a fault has an effect
REPORTS: Final = 3  # of each device in each run
DRAINED_WITHIN_S: Final = 60.0
SENDERS_DONE_WITHIN_S: Final = 120.0
LOOK_EVERY_S: Final = 0.01


@dataclass
class Tally:
    """Of one kind of fault."""

    runs: int = 0
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
    """`faults` collects every violation in words, with the run in which it was seen."""

    def __init__(self, here: Installation, chance: Random) -> None:
        self._here, self._chance = here, chance
        self._uplink = Uplink(here.web.port)
        self._owner = Owner()
        self._devices: list[Device] = []
        self.all_devices: list[Device] = []
        self.tallies: defaultdict[str, Tally] = defaultdict(Tally)
        self.faults: list[str] = []

    def run(self, number: int, kind: Kind) -> None:
        if number % BATCH == 0:
            self._devices = self._owner.new_devices(self._chance)
            self.all_devices += self._devices
        scene = Scene(self._here, Random(self._chance.random()))
        tally = self.tallies[kind.name]
        before = sum(len(device.uploads) for device in self._devices)
        started = time.monotonic()
        with kind.around(self._here):
            refused = self._traffic(scene, kind)
            stuck = self._stuck()
        self._here.clock.set(0)
        took = time.monotonic() - started
        tally.runs += 1
        tally.mid_job += scene.mid_job
        tally.seconds += took
        tally.slowest = max(tally.slowest, took)
        self._count_uploads(tally, before)
        self._conclude(f"run {number}, {kind.name}", tally, stuck, refused)

    def without_effect(self) -> list[str]:
        """Kinds of fault that nobody felt: then they prove nothing."""
        return [
            f"{kind.name}: not one answer was {kind.shows}"
            for kind in KINDS
            if kind.shows and (tally := self.tallies.get(kind.name)) and tally.runs >= ENOUGH
            if not tally.answers[kind.shows]
        ]

    def judge_all(self) -> Verdict:
        """Every device of every run, once more, at the end."""
        return verdict.judge(self.all_devices)

    def _traffic(self, scene: Scene, kind: Kind) -> list[str]:
        """Senders in threads of their own; this one strikes. Returns what they complained of."""
        complaints: list[str] = []
        crowds = kind.name == faults.CROWD
        threads = self._crowd(complaints) if crowds else self._senders(kind, complaints)
        for thread in threads:
            thread.start()
        kind.strike(scene)
        deadline = time.monotonic() + SENDERS_DONE_WITHIN_S
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        if any(thread.is_alive() for thread in threads):
            complaints.append("a sender did not come to an end")
        return complaints

    def _senders(self, kind: Kind, complaints: list[str]) -> list[threading.Thread]:
        for device in self._devices:
            steps = kind.name == faults.WRONG_SENDER_CLOCK
            device.clock_error_s = device.chance.randrange(-40_000, 40_000) if steps else 0
        return [
            threading.Thread(target=self._converse, args=(device, complaints), daemon=True)
            for device in self._devices
        ]

    def _converse(self, device: Device, complaints: list[str]) -> None:
        try:
            converse(self._uplink, device, reports=REPORTS, chance=device.chance)
        except NotTaken as error:
            complaints.append(str(error))

    def _crowd(self, complaints: list[str]) -> list[threading.Thread]:
        device = self._chance.choice(self._devices)
        device.clock_error_s = 0
        return [
            threading.Thread(target=self._deliver, args=(device, upload, complaints), daemon=True)
            for upload in device.crowd(10)
        ]

    def _deliver(self, device: Device, upload: Upload, complaints: list[str]) -> None:
        try:
            self._uplink.deliver(device, upload)
        except NotTaken as error:
            complaints.append(str(error))

    def _stuck(self) -> list[str]:
        """What is left of the queue when its time is up."""
        deadline = time.monotonic() + DRAINED_WITHIN_S
        forget_connections()
        while True:
            left = core("SELECT id, attempt, deferred, available_on - now(), body FROM core_job")
            if not left:
                break
            if time.monotonic() > deadline:
                return [str(row) for row in left]
            time.sleep(LOOK_EVERY_S)
        dead = core("SELECT id, reason FROM core_deadjob")
        return [f"dead letter: {row}" for row in dead]

    def _count_uploads(self, tally: Tally, before: int) -> None:
        uploads: Sequence[Upload] = [up for device in self._devices for up in device.uploads]
        for upload in uploads:
            tally.tries += len(upload.answers)
            tally.answers.update(upload.answers)
            upload.answers.clear()
        tally.uploads += len(uploads) - before

    def _conclude(self, where: str, tally: Tally, stuck: list[str], refused: list[str]) -> None:
        found = verdict.judge(self._devices)
        tally.lost += found.lost
        tally.doubled += found.doubled
        tally.stuck += len(stuck)
        problems = [*found.faults, *(f"stuck: {each}" for each in stuck), *refused, *self._wrong_words()]
        tally.other += bool(problems) and not (found.lost or found.doubled or stuck)
        self.faults += [f"{where}: {each}" for each in problems]

    def _wrong_words(self) -> list[str]:
        """What the API tells the devices of, against their books."""
        wrong = []
        for device in self._devices:
            said = self._uplink.acknowledgements(device)
            if said != device.highest_ids():
                wrong.append(f"device {device.number:x} is told {said}, and has sent {device.highest_ids()}")
        return wrong


def plan(here: Installation, runs: int, only: str) -> tuple[list[Kind], list[str]]:
    """Which kinds, how often each; and what is left out, with the reason."""
    chosen = [kind for kind in KINDS if only in kind.name]
    left_out = [f"Left out: {kind.name}, because {kind.needs(here)}." for kind in chosen if kind.needs(here)]
    chosen = [kind for kind in chosen if not kind.needs(here)]
    whole = sum(kind.share for kind in chosen)
    wanted = [(kind, runs * kind.share / whole) for kind in chosen]
    planned = [kind for kind, count in wanted for _ in range(int(count))]
    rest = sorted(wanted, key=lambda pair: pair[1] % 1, reverse=True)
    planned += [kind for kind, _ in rest[: runs - len(planned)]]
    return planned, left_out
