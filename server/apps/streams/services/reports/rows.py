"""The contents of a report as columns."""

import uuid
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from server.apps.streams.services.streams import StreamWriter
from server.apps.streams.store.batch import EventData
from server.apps.streams.store.reports import Progress
from server.lib.formats import Report
from server.lib.instants import us_of
from server.lib.timeseries import MAX_JUMP, NEWEST_POLICY, TRIP_STREAMS, Policy, RawReadings

NO_STREAM: Final = -1
_END_ID: Final = 2**63 - 1
_Item = TypeVar("_Item", bound=np.generic)


@dataclass(frozen=True, slots=True)
class ReportStreams:
    """Where the rows of a report go, and who else may have brought them."""

    writers: Mapping[int, StreamWriter]
    """The report's streams by local variable id."""
    shared_lids: Set[int] = frozenset()
    """Local variable ids that another streamer of the device takes too."""
    other_streamers: Sequence[int] = ()
    """Keys of the other streamers of the device."""


@dataclass(frozen=True, slots=True)
class WriteReport:
    """A decoded report with what the core database has about it."""

    report_id: uuid.UUID
    device_id: int
    streamer_key: int
    report: Report
    received: datetime
    find_streams: Callable[[], ReportStreams]
    """Called under the lock of the device, when no archive can take the streams any more, and no
    other report of the device is being stored."""
    event_places: Sequence[EventData]
    """Where the large parts of the report's events are, in the order of the events."""
    known_streamers: Sequence[int] = ()
    """Keys of the other streamers of the device that were there before the lock was taken."""
    policy: Policy = NEWEST_POLICY

    @property
    def received_us(self) -> int:
        return us_of(self.received)

    @property
    def is_signed_list(self) -> bool:
        return self.report.header.format == "signed-list"


@dataclass(frozen=True)  # without slots: cached properties are kept in the instance's dictionary
class ReportRows:
    """The readings of a report in the order of their ids, then its events. Built once a report,
    each column at most once.

    A column "of the rows" has an item for each reading and then one for each event: they share one
    counter of ids.
    """

    write: WriteReport
    streams: ReportStreams
    progress: Progress
    """The streamer's progress before this report."""

    @classmethod
    def of(cls, write: WriteReport, streams: ReportStreams, progress: Progress) -> "ReportRows":
        return cls(replace(write, report=_in_id_order(write.report)), streams, progress)

    @property
    def writers(self) -> Mapping[int, StreamWriter]:
        return self.streams.writers

    @property
    def report(self) -> Report:
        return self.write.report

    @cached_property
    def ids(self) -> NDArray[np.int64]:
        """The reading ids of the rows."""
        events = np.array([event.reading_id for event in self.report.events], dtype=np.int64)
        return np.concatenate([self.report.readings["reading_id"].astype(np.int64), events])

    @cached_property
    def lids(self) -> NDArray[np.uint16]:
        """The local variable ids of the rows."""
        events = np.array([event.lid for event in self.report.events], dtype=np.uint16)
        return np.concatenate([self.report.readings["lid"], events])

    @cached_property
    def stream_keys(self) -> NDArray[np.int32]:
        """The stream keys of the rows; NO_STREAM where the device has too many streams."""
        return self._by_lid({lid: writer.key for lid, writer in self.writers.items()})

    @cached_property
    def disabled(self) -> NDArray[np.bool_]:
        """Which of the rows belong to a disabled stream."""
        enabled = self._by_lid({lid: int(writer.enabled) for lid, writer in self.writers.items()})
        disabled: NDArray[np.bool_] = enabled == 0
        return disabled

    @cached_property
    def flaws(self) -> NDArray[np.uint8] | None:
        """A Flaw for each of the rows; None when all of them can be stored."""
        if not self.report.header.flaws:
            return None
        readings = self.report.flaws
        if readings is None:
            readings = np.zeros(len(self.report.readings), dtype=np.uint8)
        events = np.array([event.flaw for event in self.report.events], dtype=np.uint8)
        return np.concatenate([readings, events])

    @cached_property
    def raw_readings(self) -> RawReadings:
        """The readings as the device sent them, to compute their times from."""
        return RawReadings(
            self.of_readings(self.ids), self.report.readings["lid"], self.report.readings["raw_time"]
        )

    @property
    def has_trip_marks(self) -> bool:
        """Whether the device has ever reported a trip mark."""
        return any(lid in self.writers for lid in TRIP_STREAMS)

    @property
    def has_id_above_readings(self) -> bool:
        return self.report.header.report_id > int(self.ids.max(initial=0))

    @cached_property
    def has_id_of_its_place(self) -> bool:
        """Whether the report's id comes from the counter of the readings, and so says which of them
        were made before it. Some devices count their reports by themselves."""
        previous = self.progress.newest_report
        after_previous = self.ids[self.ids > self.progress.last_id]
        in_order = previous is None or int(after_previous.min(initial=_END_ID)) > previous.report_id
        return in_order and self.has_id_above_readings

    @cached_property
    def is_newest(self) -> bool:
        """Whether the report is not a late one. A late report and the newest boot say nothing about
        each other."""
        newest_id = int(self.ids.max(initial=0))
        if newest_id == 0:
            return False
        if newest_id > self.progress.last_id:
            return True
        # A damaged or forged id far above the true ones would make every later report look late. So
        # a report counts as late only when something newer near its own ids is covered, or when it
        # was received earlier.
        covered = self.progress.covered
        is_near = (covered.starts <= newest_id + MAX_JUMP) & (covered.ends - 1 > newest_id)
        last_received = self.progress.last_received
        received_later = last_received is None or self.write.received >= last_received
        return received_later and not bool(is_near.any())

    def of_readings(self, column: NDArray[_Item]) -> NDArray[_Item]:
        """Return the readings' part of a column of the rows."""
        return column[: len(self.report.readings)]

    def of_events(self, column: NDArray[_Item]) -> NDArray[_Item]:
        """Return the events' part of a column of the rows."""
        return column[len(self.report.readings) :]

    def _by_lid(self, values: Mapping[int, int]) -> NDArray[np.int32]:
        table = np.full(0x1_0000, NO_STREAM, dtype=np.int32)
        table[list(values)] = list(values.values())
        return table[self.lids]


def _in_id_order(report: Report) -> Report:
    """Sort the readings by their ids, which tell the order, unlike their positions in the file."""
    ids = report.readings["reading_id"]
    # Devices send in order, so nearly every report ends here.
    if bool((ids[1:] >= ids[:-1]).all()):
        return report
    order = np.argsort(ids, kind="stable")
    given_us = None if report.given_us is None else report.given_us[order]
    flaws = None if report.flaws is None else report.flaws[order]
    return replace(report, readings=report.readings[order], given_us=given_us, flaws=flaws)
