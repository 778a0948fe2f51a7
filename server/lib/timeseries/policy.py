"""How reports of older and newer firmware differ. A device's sensor graph tells which engine its
reports are made for.

| engine | a device sends                                        | where its reboots are                      |
|--------|-------------------------------------------------------|--------------------------------------------|
| 0, 1   | a user and a system report, separately                | in the reports of the system streamer only |
| 2      | user readings with reboots, and a system report       | in both, with the same reading ids         |

The original cloud drops some reports after acknowledging them: engine 1 those of selector d7ff,
engine 2 those of 57ff, engines 0 and 1 every dictionary report. But a device does not know its
sensor graph, which a person chooses, often later; dropped readings would be lost by a mistake that
can be corrected at any time. So here they are stored, and the ledger records `unexpected-selector`
or `unexpected-format`.

The selector, not the engine, decides how a report is placed: a streamer sends reboots or not by its
selector, whatever the graph.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from server.lib.formats.selector import takes
from server.lib.timeseries.clock import REBOOT_STREAM

UNEXPECTED_SELECTOR: Final = "unexpected-selector"
UNEXPECTED_FORMAT: Final = "unexpected-format"

COMPLETE_REPORT: Final = 0x5A05
CUT_REPORT: Final = 0x5A06
REPORT_MARKS: Final = (COMPLETE_REPORT, CUT_REPORT)
"""Streams that are not the device's: the server writes a row to one of them for each report."""

NEWEST_ENGINE: Final = 2
"""Also the engine of a device without a sensor graph."""

_USER_ONLY: Final = 0x57FF
_USER_AND_REBOOTS: Final = 0xD7FF

# A device or a phone cuts a report where its buffer of three times 64 KiB is full.
_CUT_ABOVE_BYTES: Final = 196_592
_CUT_BELOW_BYTES: Final = 196_608
_AROUND_READINGS_BYTES: Final = 44
_READING_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Policy:
    """What an engine expects in reports."""

    engine: int
    unexpected_selectors: frozenset[int]
    takes_dictionaries: bool

    def remarks(self, *, selector: int, is_dictionary: bool) -> tuple[str, ...]:
        """Return what the ledger records about a report that the engine does not expect."""
        if is_dictionary:
            return () if self.takes_dictionaries else (UNEXPECTED_FORMAT,)
        return (UNEXPECTED_SELECTOR,) if selector in self.unexpected_selectors else ()


ENGINES: Final = {
    0: Policy(0, unexpected_selectors=frozenset(), takes_dictionaries=False),
    1: Policy(1, unexpected_selectors=frozenset({_USER_AND_REBOOTS}), takes_dictionaries=False),
    NEWEST_ENGINE: Policy(
        NEWEST_ENGINE, unexpected_selectors=frozenset({_USER_ONLY}), takes_dictionaries=True
    ),
}

NEWEST_POLICY: Final = ENGINES[NEWEST_ENGINE]


def policy_of(engine: int | None) -> Policy:
    """Return the policy of an engine. None: there is no sensor graph. An unknown engine is treated
    like the newest."""
    return NEWEST_POLICY if engine is None else ENGINES.get(engine, NEWEST_POLICY)


def has_reboots_apart(selector: int) -> bool:
    """Whether the device's reboots come with reports of another streamer."""
    return not takes(selector, REBOOT_STREAM)


def is_cut(readings: int) -> bool:
    """Whether a signed list with so many readings was cut off because the sender's buffer was full;
    the next report has the rest."""
    return _CUT_ABOVE_BYTES < _AROUND_READINGS_BYTES + readings * _READING_BYTES < _CUT_BELOW_BYTES
