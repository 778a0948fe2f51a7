"""What must be stored by the record of the senders: every acknowledged reading, and the times it
may have."""

import json
from collections.abc import Sequence

from django.core.files.storage import default_storage

from chaos.devices import Device, Upload
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


def is_event_stored(key: str | None, id: int) -> bool:
    """Whether the object store holds the large part of an event under the key in its row."""
    if not key:
        return False
    try:
        with default_storage.open(key) as file:
            return bool(json.loads(file.read()) == {"x": [id] * 20})
    except (OSError, ValueError):
        return False
