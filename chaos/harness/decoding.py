"""Runs cases through the decoder: each must be read, or refused with a reason."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from chaos.harness.mutations import Case
from server.lib.formats import FormatError, Header, decode, inspect
from server.lib.formats.tests.vectors import manifest_keys

READ: Final = "read"


@dataclass
class DecodingResult:
    """`outcomes` counts reasons and `READ`; `crashes` are cases that raised anything but a
    FormatError."""

    outcomes: Counter[str] = field(default_factory=Counter)
    mutations: Counter[str] = field(default_factory=Counter)
    crashes: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    slowest: str = ""

    def run_case(self, number: int, case: Case) -> None:
        started = time.process_time()
        try:
            outcome = _outcome(case)
        except Exception as error:  # noqa: BLE001  any other exception is what we look for
            outcome = "crash"
            self.crashes.append(f"case {number}, {case.how}: {error!r}")
        took = time.process_time() - started
        self.outcomes[outcome] += 1
        self.mutations[f"{case.how}: {'read' if outcome == READ else 'refused'}"] += 1
        if took > self.slowest_s:
            self.slowest_s, self.slowest = took, f"case {number}, {case.how}, {len(case.data)} bytes"


def _outcome(case: Case) -> str:
    """Returns `READ` or the reason of the refusal. Raises AssertionError when `inspect` and
    `decode` disagree."""
    seen = _inspect(case)
    try:
        report = decode(case.data, case.name, manifest_keys)
    except FormatError as error:
        if seen != str(error):
            raise AssertionError(f"inspect: {seen}, decode: {error}") from error
        return error.reason
    if seen != report.header:
        raise AssertionError(f"inspect: {seen}, decode: {report.header}")
    if len(report.readings) + len(report.events) != report.header.count:
        raise AssertionError("the count is wrong")
    if report.header.count > len(case.data):
        raise AssertionError(f"{len(case.data)} bytes became {report.header.count} readings and events")
    return READ


def _inspect(case: Case) -> Header | str:
    try:
        return inspect(case.data, case.name, manifest_keys)
    except FormatError as error:
        return str(error)
