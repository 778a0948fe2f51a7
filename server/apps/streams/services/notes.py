"""Notes that people write, and files attached to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from server.apps.accounts.models import Account
from server.apps.activity.services.changes import Verb, record_change
from server.apps.files.models import StoredFile
from server.apps.files.services import PendingUpload, finish_upload, start_upload
from server.apps.streams.models import StreamNote
from server.apps.streams.selectors.targets import Target
from server.core.errors import Conflict, Invalid

_WRITE: Final = "can_access_companion"
"""Of everybody with the phone app: operators write from the field what they may not read."""


@dataclass(frozen=True, slots=True)
class NewNote:
    target: Target
    timestamp: datetime
    text: str


@transaction.atomic
def write_notes(*, notes: Sequence[NewNote], by: Account) -> list[StreamNote]:
    """Write notes on any number of targets. Raises Forbidden without `can_access_companion`
    there."""
    targets = {note.target.slug: note.target for note in notes}
    for target in targets.values():
        target.require(by, _WRITE)
    made = StreamNote.objects.bulk_create(
        StreamNote(
            org=note.target.org,
            target=note.target.slug,
            timestamp=note.timestamp,
            note=note.text,
            created_by=by,
        )
        for note in notes
    )
    for target in targets.values():
        _record_change(target, by, Verb.CREATED, "write-note")
    return made


@transaction.atomic
def promise_attachment(
    *, note: StreamNote, target: Target, name: str, content_type: str, by: Account
) -> PendingUpload:
    """Return where to upload an attachment. Raises Forbidden, Conflict for a note that has one,
    Invalid for an impossible name."""
    target.require(by, _WRITE)
    _require_no_attachment(note)
    return start_upload(
        kind=StoredFile.Kind.NOTE, title=name, content_type=content_type, org=target.org, by=by
    )


@transaction.atomic
def attach(*, note: StreamNote, target: Target, name: str, file_id: UUID, by: Account) -> StreamNote:
    """Attach the uploaded file that was promised to the same person. Raises Forbidden, NotFound for
    any other file, Conflict for a note that has an attachment, Invalid for another name.
    """
    target.require(by, _WRITE)
    locked = StreamNote.objects.select_for_update(of=("self",)).get(pk=note.pk)
    _require_no_attachment(locked)
    file = finish_upload(file_id=file_id, kind=StoredFile.Kind.NOTE, org=target.org, by=by)
    if file.title != name.replace("\\", "/").rsplit("/", 1)[-1].strip():
        raise Invalid("The file was promised with another name.", field="name")
    note.attachment = file
    note.save(update_fields=["attachment"])
    _record_change(target, by, Verb.CHANGED, "attach-file")
    return note


def _require_no_attachment(note: StreamNote) -> None:
    if note.attachment_id is not None:
        raise Conflict("The note already has an attachment.", field="uuid")


def _record_change(target: Target, by: Account, verb: Verb, event: str) -> None:
    record_change(org=target.org, kind="note", ref=target.slug, verb=verb, event=event, by=by)
