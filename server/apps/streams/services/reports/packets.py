"""Events of the packets whose words a report brings, written in the transaction that stores the
words."""

import uuid
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import numpy as np
from django.db.backends.utils import CursorWrapper

from server.apps.streams.models import VarTypeDecoder
from server.apps.streams.services.reports.packet_pieces import Piece, pieces_around
from server.apps.streams.services.reports.rows import ReportRows
from server.apps.streams.store.batch import EventRow, ReadingBatch
from server.apps.streams.store.numbered import (
    EventCorrection,
    PacketEvent,
    StreamIdRange,
    correct_events,
    events_in,
)
from server.apps.streams.store.reports import insert_events, lock_device
from server.lib.formats import NO_TIME, Ending, LayoutError, Packet, PacketDecoder, find_packets, first_begin
from server.lib.formats.packet_decoder import ERROR_KEY

MOST_BROKEN: Final = 1000
"""Unreadable packets of one report that get an event. A device that sends noise must not fill the
table of events."""
_AT_ONCE: Final = 2000
_NAMESPACE: Final = uuid.UUID("6f1f3c0e-52a4-4a53-9d4c-0c6d6a1b8e27")


def write_packet_events(cursor: CursorWrapper, rows: ReportRows, readings: ReadingBatch) -> None:
    """Write an event for each packet in `readings`, which are about to be stored. Runs no query
    when none is of an encoded stream.

    A packet that cannot be read gets an event that says why; it is corrected when late words
    complete the packet.
    """
    encoded = {writer.key: writer for writer in rows.writers.values() if writer.is_encoded}
    if not encoded or not np.isin(readings.stream_key, list(encoded)).any():
        return
    new = readings.where(np.isin(readings.stream_key, list(encoded)))
    lock_device(cursor, rows.write.device_id)
    pieces = pieces_around(cursor, new)
    decoders = _decoders({str(encoded[piece.stream_key].var_type) for piece in pieces})
    broken = _Budget(MOST_BROKEN)
    for piece in pieces:
        found = _packets_of(piece, decoders[str(encoded[piece.stream_key].var_type)], broken)
        while some := list(islice(found, _AT_ONCE)):
            _write_events(cursor, some)


@dataclass(slots=True)
class _Budget:
    left: int

    def spend(self) -> bool:
        self.left -= 1
        return self.left >= 0


@dataclass(frozen=True, slots=True)
class _Decoding:
    """A decoder, or why there is none."""

    decoder: PacketDecoder | None
    problem: str = ""


def _decoders(var_types: set[str]) -> dict[str, _Decoding]:
    """Return the decoders by variable type. One query."""
    rows = VarTypeDecoder.objects.filter(var_type__in=var_types)
    decodings = {name: _Decoding(None, f"The variable type {name} has no decoder.") for name in var_types}
    for row in rows:
        decodings[row.var_type_id] = _decoding(row)
    return decodings


def _decoding(row: VarTypeDecoder) -> _Decoding:
    try:
        # It was checked when it was saved, but perhaps by an older version of this code.
        return _Decoding(PacketDecoder.parse(row.raw_packet_format, row.packet_info))
    except LayoutError as error:
        return _Decoding(None, f"The decoder of {row.var_type_id} cannot be read: {error}")


@dataclass(frozen=True, slots=True)
class _FoundPacket:
    """A packet that new words belong to, from id to id."""

    stream_key: int
    first_id: int
    last_id: int
    event: EventRow | None
    """None when it gets none, or not yet."""


def _packets_of(piece: Piece, decoding: _Decoding, broken: _Budget) -> Iterator[_FoundPacket]:
    words = piece.rows.int_value
    start = first_begin(words, from_the_start=piece.from_the_start)
    expected = None if decoding.decoder is None else decoding.decoder.words
    new_before = np.append(0, np.cumsum(piece.is_new)).tolist()
    for packet in find_packets(words[start:], expected=expected):
        first, last = packet.first + start, packet.last + start
        # The row after it counts too: the packet may have been open until now.
        if new_before[min(last + 2, len(words))] == new_before[first]:
            continue
        document = _event_document(packet, decoding)
        if document is not None and ERROR_KEY in document:
            document |= {"start": int(piece.rows.reading_id[first]), "end": int(piece.rows.reading_id[last])}
            document = document if broken.spend() else None
        yield _FoundPacket(
            stream_key=piece.stream_key,
            first_id=int(piece.rows.reading_id[first]),
            last_id=int(piece.rows.reading_id[last]),
            event=None if document is None else _event_row(piece, first, document),
        )


def _event_document(packet: Packet, decoding: _Decoding) -> dict[str, Any] | None:
    """Return the document of the event; None while the packet is open."""
    if packet.ending is Ending.OPEN:
        return None
    if packet.ending is not Ending.ENDED:
        return {ERROR_KEY: f"The packet cannot be read: {packet.ending.value}."}
    if decoding.decoder is None:
        return {ERROR_KEY: decoding.problem}
    try:
        return dict(decoding.decoder.decode(packet.words))
    except LayoutError as error:
        return {ERROR_KEY: str(error)}


def _event_row(piece: Piece, place: int, document: Mapping[str, Any]) -> EventRow:
    rows, reading_id = piece.rows, int(piece.rows.reading_id[place])
    raw_time = int(rows.raw_time[place])
    return EventRow(
        stream_key=piece.stream_key,
        ts_us=int(rows.ts_us[place]),
        reading_id=reading_id,
        raw_time=None if raw_time == NO_TIME else raw_time,
        status=int(rows.status[place]),
        uuid=packet_event_id(piece.stream_key, reading_id),
        extra_data=document,
        object_key=None,
    )


def packet_event_id(stream_key: int, first_id: int) -> uuid.UUID:
    """Return the UUID of the event of the packet whose begin has this reading id."""
    # Derived from stream and id, so that there is one event however often, in which parts and in
    # which order the words come.
    return uuid.uuid5(_NAMESPACE, f"{stream_key}/{first_id}")


def _write_events(cursor: CursorWrapper, found: Sequence[_FoundPacket]) -> None:
    """Write the events of packets of one stream, given in the order of ids. Stored error events are
    corrected or removed; others stay."""
    ids = StreamIdRange(found[0].stream_key, found[0].first_id, found[-1].last_id)
    stored = {made.reading_id: made for made in events_in(cursor, [ids]) if _is_of_packet(made)}
    new: list[EventRow] = []
    corrections: list[EventCorrection] = []
    for each in found:
        made, event = stored.get(each.first_id), each.event
        if event is None:
            continue
        if made is None:
            new.append(event)
        elif ERROR_KEY in made.extra_data and made.extra_data != event.extra_data:
            corrections.append(EventCorrection(event.uuid, event.ts_us, event.status, event.extra_data))
    correct_events(cursor, corrections, removed=_superseded(found, stored))
    if new:
        insert_events(cursor, new)


def _is_of_packet(made: PacketEvent) -> bool:
    """Whether it was made of a packet, rather than uploaded to the same stream."""
    return made.uuid == packet_event_id(made.stream_key, made.reading_id)


def _superseded(found: Sequence[_FoundPacket], stored: Mapping[int, PacketEvent]) -> list[uuid.UUID]:
    """Return the error events whose begin turned out to be a word inside of a packet."""
    first_ids = [each.first_id for each in found]
    superseded = []
    for reading_id, made in stored.items():
        place = bisect_right(first_ids, reading_id) - 1
        if ERROR_KEY in made.extra_data and found[place].first_id < reading_id <= found[place].last_id:
            superseded.append(made.uuid)
    return superseded
