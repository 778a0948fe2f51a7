"""Notes, and their gate."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from server.apps.accounts.selectors.accounts import Person
from server.apps.devices.selectors.metadata import row_number
from server.apps.streams.models import StreamNote
from server.apps.streams.selectors.targets import OF_NOTES, Target, target_for
from server.core.errors import NotFound
from server.lib.timeseries import MOST_AHEAD

_PERMISSION = "can_read_notes"


def notes_of(
    target: str,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    lastn: int | None = None,
    id_min: int | None = None,
    id_max: int | None = None,
) -> QuerySet[StreamNote]:
    """Return notes by time, from `start` to before `end`, with ids from `id_min` to `id_max`; of
    these the newest `lastn`,
    without an `end` those up to now."""
    notes = StreamNote.objects.filter(target=target)
    if id_min is not None:
        notes = notes.filter(pk__gte=id_min)
    if id_max is not None:
        notes = notes.filter(pk__lte=id_max)
    if start is not None:
        notes = notes.filter(timestamp__gte=start)
    if end is not None:
        notes = notes.filter(timestamp__lt=end)
    if lastn is not None:
        if end is None:  # a note that some clock dated far ahead is not the newest
            notes = notes.filter(timestamp__lte=timezone.now() + MOST_AHEAD)
        newest = notes.order_by("-timestamp", "-id").values("pk")[:lastn]
        notes = StreamNote.objects.filter(pk__in=newest)
    return notes.select_related("created_by", "attachment").order_by("timestamp", "id")


def note_for(user: Person, pk: str, *, staff: bool = False) -> tuple[StreamNote, Target]:
    """The gate to a note: through its target. Raises Forbidden without `can_read_notes` there, but
    for those who wrote it."""
    notes = StreamNote.objects.select_related("created_by", "attachment")
    note = notes.filter(pk=row_number(pk)).first()
    if note is None:
        raise NotFound()
    target = target_for(user, note.target, kinds=OF_NOTES, staff=staff)
    if note.created_by_id is None or note.created_by_id != user.pk:
        target.require(user, _PERMISSION)
    return note, target
