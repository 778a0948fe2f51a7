"""What the senders' books say: every reading that was acknowledged, and the times it may have."""

import json
from collections.abc import Sequence

from django.core.files.storage import default_storage

from chaos.devices import Device, Upload
from chaos.harness.readings import Reading


def possible_times(devices: Sequence[Device]) -> dict[Reading, set[int] | None]:
    """For each reading the UTC seconds that one of its reports gives it; None where one of them was sent after a reboot, so that
    its time is the server's estimate. An uploader with a wrong clock makes for another time, and the first to be stored counts."""
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
    """Is the large part of an event where its row says?"""
    if not key:
        return False
    try:
        with default_storage.open(key) as file:
            return bool(json.loads(file.read()) == {"x": [id] * 20})
    except (OSError, ValueError):
        return False
