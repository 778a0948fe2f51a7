"""What a report brings, and what of it is new."""

import uuid
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.apps.streams import store
from server.apps.streams.services.streams import StreamWriter
from server.lib.formats import Event, Report
from server.lib.timeseries import MAX_JUMP, NEWEST_POLICY, Policy

_NO_STREAM: Final = -1
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Outcome(IntEnum):
    """What becomes of a reading or event. The names of the refusals are the ledger's reasons."""

    STORED = 0
    DUPLICATE = 1
    NO_ID = 2
    STREAM_DISABLED = 3
    TOO_MANY_STREAMS = 4

    @property
    def reason(self) -> str:
        return self.name.lower().replace("_", "-")


@dataclass(frozen=True, slots=True)
class WriteReport:
    """A decoded report, and all that the core database knows about it."""

    report_id: uuid.UUID
    device_id: int
    streamer_key: int
    report: Report
    received: datetime
    writers: Mapping[int, StreamWriter]
    shared_lids: Set[int]
    """Local variable ids that another streamer of the device takes too."""
    event_object: Callable[[Event], str | None]
    """The key under which the large part of an event is kept; the same for the same event."""
    policy: Policy = NEWEST_POLICY

    @property
    def received_us(self) -> int:
        return (self.received - EPOCH) // timedelta(microseconds=1)

    @property
    def is_signed_list(self) -> bool:
        return self.report.header.format == "signed-list"


def in_id_order(report: Report) -> Report:
    """The id, not the place in the file, says what came first; devices send in order, so this is nearly always free."""
    ids = report.readings["reading_id"]
    if bool((ids[1:] >= ids[:-1]).all()):
        return report
    order = np.argsort(ids, kind="stable")
    given_us = None if report.given_us is None else report.given_us[order]
    return replace(report, readings=report.readings[order], given_us=given_us)


def ids_of(report: Report) -> NDArray[np.int64]:
    """Of the readings, then of the events: they share one counter."""
    events = np.array([event.reading_id for event in report.events], dtype=np.int64)
    return np.concatenate([report.readings["reading_id"].astype(np.int64), events])


def lids_of(report: Report) -> NDArray[np.uint16]:
    """The local variable ids, in the same order."""
    events = np.array([event.stream for event in report.events], dtype=np.uint16)
    return np.concatenate([report.readings["stream"], events])


def outcomes_of(write: WriteReport, progress: store.Progress) -> NDArray[np.uint8]:
    """As far as the coverage of the streamer knows."""
    ids = ids_of(write.report)
    outcome = np.where(progress.covered.is_new(ids), Outcome.STORED, Outcome.DUPLICATE).astype(np.uint8)
    outcome[ids == 0] = Outcome.NO_ID
    enabled = by_lid({lid: int(writer.enabled) for lid, writer in write.writers.items()})[
        lids_of(write.report)
    ]
    outcome[(outcome == Outcome.STORED) & (enabled == 0)] = Outcome.STREAM_DISABLED
    outcome[(outcome == Outcome.STORED) & (enabled == _NO_STREAM)] = Outcome.TOO_MANY_STREAMS
    return outcome


def by_lid(values: Mapping[int, int]) -> NDArray[np.int32]:
    """A table from local variable id to value."""
    table = np.full(0x1_0000, _NO_STREAM, dtype=np.int32)
    table[list(values)] = list(values.values())
    return table


def advances(write: WriteReport, progress: store.Progress) -> bool:
    """A late report says nothing about the newest boot, and the newest boot nothing about it.

    An id far above the true ones (damaged, forged) makes every later report look late; so a report counts as late only when
    something newer from its own neighbourhood is covered, or when it was received earlier.
    """
    newest = int(ids_of(write.report).max(initial=0))
    if newest == 0:
        return False
    if newest > progress.last_id:
        return True
    covered = progress.covered
    is_near = (covered.starts <= newest + MAX_JUMP) & (covered.ends - 1 > newest)
    received_later = progress.last_received is None or write.received >= progress.last_received
    return received_later and not bool(is_near.any())
