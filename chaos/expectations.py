"""What must be stored by the record of the senders: every acknowledged reading, and the times it
may have."""

import json
from collections.abc import Sequence

from django.core.files.storage import default_storage

from chaos.devices import Device, Upload, event_data
from chaos.harness.readings import Reading


def possible_times(devices: Sequence[Device]) -> dict[Reading, set[int] | None]:
    """Returns for each reading the UTC seconds that any of its reports gives it.

    None where one of the reports was sent after a reboot: the server estimates that time. An
    uploader with a wrong clock adds another possible time, since the report that is stored first
    decides.
    """
    possible: dict[Reading, set[int] | None] = {}
    for device in devices:
        for upload in device.uploads:
            _add(possible, upload)
    return possible


def _add(possible: dict[Reading, set[int] | None], upload: Upload) -> None:
    for (lid, id, raw, word), boot_s in upload.rows:
        kept = (upload.device_id, lid, id, word)
        known = possible.setdefault(kept, set())
        if boot_s != upload.boot_s:
            possible[kept] = None
        elif known is not None:
            known.add(upload.received_s - (upload.sent_s - raw))


def is_event_data_stored(
    data: str | None, key: str | None, start: int | None, size: int | None, *, id: int
) -> bool:
    """Whether the large part of an event is where its row says: in the row itself or in the object
    store."""
    try:
        if data is not None:
            return bool(json.loads(data) == event_data(id))
        if key is None or start is None:
            return False
        with default_storage.open(key) as file:
            file.seek(start)
            return bool(json.loads(file.read(size)) == event_data(id))
    except (OSError, ValueError):
        return False
