"""Events that clients post, with or without a large part, and correct later."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from server.apps.accounts.models import Account
from server.apps.accounts.selectors.accounts import active_memberships
from server.apps.activity.services.changes import Verb, record_change
from server.apps.streams.models import StreamId
from server.apps.streams.services.event_data import delete_event_objects, pack_event_texts
from server.apps.streams.services.event_times import update_event_times
from server.apps.streams.services.payloads import Payload
from server.apps.streams.services.posting import announce, timestamp_us
from server.apps.streams.services.writable import PERMISSION, Author, lock_writable_streams
from server.apps.streams.store import events as events_store
from server.apps.streams.store.batch import EventData, EventRow, no_readings
from server.apps.streams.store.connection import writing_cursor
from server.apps.streams.store.events import event_of_uuid
from server.apps.streams.store.reads import EventRecord
from server.apps.streams.store.reports import write_rows
from server.core.errors import Forbidden, Invalid, NotFound
from server.core.storage import delete_object, put_object
from server.lib.formats import FormatError
from server.lib.formats.fields import checked_map
from server.lib.formats.payload import check_payload
from server.lib.slugs import StreamSlug
from server.lib.timeseries import TimeStatus

MOST_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class NewEvent:
    stream: StreamSlug
    timestamp: datetime
    extra_data: Mapping[str, Any]
    reading_id: int = 0
    raw_time: int | None = None
    payload: Payload | None = None


def store_posted_events(events: Sequence[NewEvent], *, by: Author, staff: bool = False) -> list[EventRecord]:
    """Store all events or none. Returns them as stored, in the order given.

    Raises Invalid with the field's name, Forbidden, StorageFull, Unavailable. Nothing is put on the
    object store before the caller's rights are checked.
    """
    if len(events) > MOST_AT_ONCE:
        raise Invalid(f"At most {MOST_AT_ONCE} events can be posted at once.")
    slugs = {event.stream for event in events}
    kept: list[str] = []
    try:
        with writing_cursor() as cursor:
            writers = lock_writable_streams(cursor, slugs, by=by, staff=staff)
            pack = _keep_payloads([event.payload for event in events], kept)
            rows = [
                _event_row(event, writers[event.stream].key, place)
                for event, place in zip(events, pack, strict=True)
            ]
            write_rows(cursor, no_readings(), rows)
            update_event_times(
                cursor,
                {slug.device for slug in slugs},
                writers.values(),
                readings=no_readings(),
                events=rows,
            )
    except BaseException:
        for key in kept:
            delete_object(key)
        raise
    announce(slugs, len(events))
    return [_event_record(event, row) for event, row in zip(events, rows, strict=True)]


def _keep_payloads(payloads: Sequence[Payload | None], kept: list[str]) -> Sequence[EventData]:
    """Store what does not fit into the rows, and add its keys to `kept`. Returns where each payload
    is."""
    places = []
    pack = pack_event_texts([_text_of(payload) for payload in payloads], name=f"posted/{uuid.uuid4()}")
    if pack.object_key:
        put_object(pack.object_key, pack.content)
        kept.append(pack.object_key)
    for payload, place in zip(payloads, pack.places, strict=True):
        if payload is None or _text_of(payload) is not None:
            places.append(place)
            continue
        key = f"events/posted/{uuid.uuid4()}.{payload.ext}"
        put_object(key, payload.data)
        kept.append(key)
        places.append(EventData(object_key=key))
    return places


def _text_of(payload: Payload | None) -> str | None:
    """Returns None for a file that is compressed or not ASCII: it is stored as it came."""
    if payload is None or payload.ext != "json" or not payload.data.isascii():
        return None
    return payload.data.decode()


def _event_row(event: NewEvent, key: int, place: EventData) -> EventRow:
    return EventRow(
        stream_key=key,
        ts_us=timestamp_us(event.timestamp),
        reading_id=event.reading_id,
        raw_time=event.raw_time,
        status=int(TimeStatus.UNK),
        uuid=uuid.uuid4(),
        extra_data=event.extra_data,
        **place._asdict(),
    )


def _event_record(event: NewEvent, row: EventRow) -> EventRecord:
    return EventRecord(
        stream_key=row.stream_key,
        ts=event.timestamp,
        reading_id=row.reading_id,
        raw_time=row.raw_time,
        status=row.status,
        uuid=row.uuid,
        extra_data=dict(row.extra_data),
        object_key=row.object_key,
        data=row.data,
        object_start=row.object_start,
        object_size=row.object_size,
    )


@dataclass(frozen=True, slots=True)
class EventChange:
    """Changes of an event. None leaves a field as it is."""

    timestamp: datetime | None = None
    extra_data: Mapping[str, Any] | None = None
    reading_id: int | None = None
    raw_time: int | None = None
    payload: Payload | None = None


@transaction.atomic
def change_event(
    *, event_id: uuid.UUID, change: EventChange, by: Account, staff: bool = False
) -> tuple[StreamId, EventRecord]:
    """Replace the fields that are given. Raises NotFound for non-members of the organisation,
    Forbidden for members without the permission."""
    event = event_of_uuid(event_id)
    if event is None:
        raise NotFound()
    stream = _changeable_stream(event, by, staff=staff)
    changed = replace(
        event,
        ts=change.timestamp or event.ts,
        extra_data=event.extra_data if change.extra_data is None else dict(change.extra_data),
        reading_id=event.reading_id if change.reading_id is None else change.reading_id,
        raw_time=event.raw_time if change.raw_time is None else change.raw_time,
    )
    timestamp_us(changed.ts)
    if stream.org is not None:
        record_change(
            org=stream.org, kind="event", ref=str(event_id), verb=Verb.CHANGED, event="change-event", by=by
        )
    return stream, _replace_row(event, changed, change.payload)


def _replace_row(event: EventRecord, changed: EventRecord, payload: Payload | None) -> EventRecord:
    """Store the changes, and a large part in place of the former one. Raises StorageFull,
    Unavailable."""
    kept: list[str] = []
    try:
        if payload is not None:
            [place] = _keep_payloads([payload], kept)
            changed = replace(changed, **place._asdict())
            events_store.replace_event_data(changed)
        events_store.change_event(changed)
    except BaseException:
        for key in kept:
            delete_object(key)
        raise
    if payload is not None and event.object_key is not None:
        delete_event_objects({event.object_key})
    return changed


def merge_extra_data(*, event_id: uuid.UUID, extra_data: Any) -> bool:
    """Merge keys into the document of a stored event; other keys stay. Returns False when there is
    no such event. May run twice.

    Checks nobody's rights: it is for what programs find out about an event. Raises Invalid for what
    cannot be stored.
    """
    try:
        check_payload(checked_map(extra_data, "extra_data"), "extra_data")
    except FormatError as error:
        raise Invalid(str(error), field="extra_data") from error
    return events_store.merge_extra_data(event_id, extra_data)


def _changeable_stream(event: EventRecord, by: Account, *, staff: bool) -> StreamId:
    stream = StreamId.objects.select_related("org", "variable").filter(key=event.stream_key).first()
    if stream is None or stream.org_id is None:
        raise NotFound()
    membership = active_memberships(by).filter(org_id=stream.org_id).first()
    if membership is None and not staff:
        raise NotFound()
    if not staff and membership is not None and not membership.may(PERMISSION):
        raise Forbidden()
    return stream
