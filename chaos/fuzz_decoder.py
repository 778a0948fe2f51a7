"""A million nearly valid reports through the decoder: each is read, or refused with a reason, in
bounded time and memory."""

import multiprocessing
import os
import resource
import signal
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

from chaos.harness.decoding import READ, DecodingResult
from chaos.harness.mutations import Mutator

CASES_A_BATCH: Final = 5000
MAX_MEMORY_BYTES: Final = 1 << 30  # bytes of address space; more ends the process, and is a crash
SLOW_S: Final = 2.0  # of processor time, for one case
CASE_TIMEOUT_S: Final = 20.0

_mutators: dict[int, Mutator] = {}


@dataclass
class Totals:
    """Results of all processes. `peak_kb`: the highest resident size of any of them."""

    cases: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    mutations: Counter[str] = field(default_factory=Counter)
    crashes: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    slowest: str = ""
    peak_kb: int = 0

    def add(self, part: DecodingResult, peak_kb: int) -> None:
        self.cases += part.outcomes.total()
        self.outcomes += part.outcomes
        self.mutations += part.mutations
        self.crashes += part.crashes
        self.peak_kb = max(self.peak_kb, peak_kb)
        if part.slowest_s > self.slowest_s:
            self.slowest_s, self.slowest = part.slowest_s, part.slowest


def fuzz(cases: int, seed: int) -> Totals:
    """Run cases 0 to `cases` of a seed. Raises when a process dies with its cases."""
    result = Totals()
    parts = [(seed, start, min(CASES_A_BATCH, cases - start)) for start in range(0, cases, CASES_A_BATCH)]
    with multiprocessing.get_context("fork").Pool(os.cpu_count(), _limit_memory) as pool:
        for done, peak_kb in pool.imap_unordered(_run_batch, parts):
            result.add(done, peak_kb)
            if result.cases % 100_000 == 0:
                print(f"{result.cases:9,} cases, {len(result.crashes)} crashes", flush=True)
    return result


def table(result: Totals) -> list[str]:
    read = result.outcomes[READ]
    lines = [
        f"{result.cases:,} cases, {read:,} read, {result.cases - read:,} refused, {len(result.crashes)} crashes"
    ]
    lines.append(
        f"slowest: {result.slowest_s * 1000:.0f} ms, {result.slowest}; peak memory {result.peak_kb // 1024} MB"
    )
    lines += _columns("outcome", result.outcomes.most_common())
    lines += _columns("mutation", sorted(result.mutations.items()))
    return lines


def failures(result: Totals) -> list[str]:
    slow = [f"too slow: {result.slowest}, {result.slowest_s:.1f} s"] if result.slowest_s > SLOW_S else []
    return result.crashes + slow


def _columns(head: str, rows: Sequence[tuple[str, int]]) -> list[str]:
    return ["", f"| {head} | cases |", "|---|---|", *(f"| {name} | {count:,} |" for name, count in rows)]


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    signal.signal(signal.SIGVTALRM, _raise_timeout)


def _raise_timeout(number: int, frame: FrameType | None) -> None:
    raise TimeoutError(f"more than {CASE_TIMEOUT_S} s of processor time")


def _run_batch(what: tuple[int, int, int]) -> tuple[DecodingResult, int]:
    seed, start, count = what
    mutator = _mutators.setdefault(seed, Mutator(seed))
    done = DecodingResult()
    for number in range(start, start + count):
        signal.setitimer(signal.ITIMER_VIRTUAL, CASE_TIMEOUT_S)
        done.run_case(number, mutator.case(number))
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return done, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
