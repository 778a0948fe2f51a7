"""The new readings and events of a report as the rows that are stored: stream, time, value and
kind."""

import uuid

import numpy as np
from numpy.typing import NDArray

from server.apps.streams.services.reports.outcomes import Outcome
from server.apps.streams.services.reports.rows import ReportRows
from server.apps.streams.services.streams import StreamWriter
from server.apps.streams.store.batch import EventRow, Kind, ReadingBatch
from server.lib.formats.packets import BEGIN, END
from server.lib.timeseries import PlacedTimes, place_event_time


def rows_to_store(
    rows: ReportRows, placed: PlacedTimes, outcomes: NDArray[np.uint8]
) -> tuple[ReadingBatch, list[EventRow]]:
    """Return the rows that are new. Puts the large parts of events on the object store."""
    return _readings(rows, placed, outcomes), _events(rows, placed, outcomes)


def _readings(rows: ReportRows, placed: PlacedTimes, outcomes: NDArray[np.uint8]) -> ReadingBatch:
    new = rows.of_readings(outcomes) == Outcome.STORED
    readings = rows.report.readings[new]
    value = np.empty(len(readings))
    kind = np.zeros(len(readings), dtype=np.uint8)
    for lid in np.unique(readings["lid"]).tolist():
        chosen = readings["lid"] == lid
        value[chosen], kind[chosen] = values_of(rows.writers[lid], readings["value"][chosen])
    return ReadingBatch(
        stream_key=rows.of_readings(rows.stream_keys)[new],
        ts_us=placed.ts_us[new],
        reading_id=rows.of_readings(rows.ids)[new],
        raw_time=readings["raw_time"],
        int_value=readings["value"],
        value=value,
        status=placed.status[new],
        kind=kind,
    )


def values_of(
    writer: StreamWriter, words: NDArray[np.uint32]
) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Return the value (NaN: none) and the Kind of each word."""
    kind = np.full(len(words), Kind.NUM, dtype=np.uint8)
    # A word of a packet has no value of its own.
    if writer.is_encoded:
        kind[:] = Kind.PACKET
        kind[words == BEGIN] = Kind.PACKET_BEGIN
        kind[words == END] = Kind.PACKET_END
        return np.full(len(words), np.nan), kind
    if writer.names_events:
        kind[:] = Kind.EVENT_NUMBER
    elif writer.conversion.kind == "ITR":
        kind[:] = Kind.ITR
    return writer.conversion.to_value(words), kind


def _events(rows: ReportRows, placed: PlacedTimes, outcomes: NDArray[np.uint8]) -> list[EventRow]:
    write, events = rows.write, []
    found = zip(rows.report.events, write.event_places, rows.of_events(outcomes).tolist(), strict=True)
    for event, place, outcome in found:
        if outcome != Outcome.STORED:
            continue
        ts_us, status = place_event_time(
            event.raw_time,
            event.given_us,
            placed.boot_us,
            received_us=write.received_us,
            boot_is_exact=rows.report.header.sent_s is not None,
        )
        events.append(
            EventRow(
                stream_key=rows.writers[event.lid].key,
                ts_us=ts_us,
                reading_id=event.reading_id,
                raw_time=event.raw_time,
                status=int(status),
                uuid=uuid.uuid5(write.report_id, str(event.reading_id)),
                extra_data=event.extra_data,
                **place._asdict(),
            )
        )
    return events
