"""Masks: the part of a device's or data block's data that readers are shown. Nothing is deleted."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from server.apps.accounts.models import Account, Org
from server.apps.accounts.selectors.accounts import require
from server.apps.activity.services.changes import Verb, record_change
from server.apps.devices.models import Device
from server.apps.devices.services.states import require_idle
from server.apps.streams.models import DataBlock, DataMask, StreamNote
from server.apps.streams.services.relabelling import add_note, remove_mask
from server.core.errors import Forbidden, Invalid, NotFound


@transaction.atomic
def change_mask(
    *, thing: Device | DataBlock, changes: Mapping[str, datetime | None], by: Account, staff: bool = False
) -> DataMask:
    """Change `start`, `end` or both; a bound that is not in `changes` stays.

    Raises Forbidden without `can_reset_device` and while the device is busy or the archive
    incomplete, Invalid for a mask that shows nothing or everything.
    """
    org = _require_changeable(thing, by, staff)
    if not changes:
        raise Invalid("A start or an end is needed.")
    known = DataMask.objects.select_for_update().filter(target=thing.slug).first()
    start = changes.get("start", known.start if known is not None else None)
    end = changes.get("end", known.end if known is not None else None)
    check_bounds(start, end)
    mask, _ = DataMask.objects.update_or_create(
        target=thing.slug, defaults={"org": org, "start": start, "end": end, "updated_by": by}
    )
    shown = f"{_bound_text(start, 'the beginning')} to {_bound_text(end, 'now')}"
    add_note(thing.slug, org, f"Data mask set: {shown}.", by=by, type=StreamNote.Type.USER)
    _record_change(thing, org, by, "set-mask")
    return mask


def check_bounds(start: datetime | None, end: datetime | None) -> None:
    if start is None and end is None:
        raise Invalid("A start or an end is needed.")
    if start is not None and end is not None and start >= end:
        raise Invalid("The start must be before the end.", field="start")


@transaction.atomic
def delete_mask(*, thing: Device | DataBlock, by: Account, staff: bool = False) -> None:
    """Raises Forbidden as `change_mask` does."""
    org = _require_changeable(thing, by, staff)
    if remove_mask(thing.slug):
        add_note(thing.slug, org, "Data mask removed.", by=by, type=StreamNote.Type.USER)
        _record_change(thing, org, by, "delete-mask")


def _require_changeable(thing: Device | DataBlock, by: Account, staff: bool) -> Org:
    if thing.org is None:
        raise NotFound()
    require(by, "can_reset_device", thing.org, staff=staff)
    if isinstance(thing, Device):
        require_idle(thing)
    elif thing.completed_on is None:
        raise Forbidden("The archive is not complete yet. Try again when it is.")
    return thing.org


def _bound_text(moment: datetime | None, otherwise: str) -> str:
    return otherwise if moment is None else moment.isoformat()


def _record_change(thing: Device | DataBlock, org: Org, by: Account, event: str) -> None:
    kind = "device" if isinstance(thing, Device) else "data-block"
    record_change(org=org, kind=kind, ref=thing.slug, verb=Verb.CHANGED, event=event, by=by)
