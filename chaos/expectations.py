"""What must be stored by the record of the senders: every acknowledged reading, and the times it
may have."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from django.core.files.storage import default_storage

from chaos.devices import Device, Upload, event_data
from chaos.harness.readings import Reading

SLACK_S: Final = 5
"""Each boot ends a second before the next one begins."""


@dataclass(frozen=True, slots=True)
class Span:
    """UTC seconds, both included."""

    first_s: int
    last_s: int

    def __contains__(self, at_s: float) -> bool:
        return self.first_s <= at_s <= self.last_s


Times: TypeAlias = Span | set[int] | None
Boots: TypeAlias = dict[int, list[int]]
"""When each boot began by its reports, by when it really began."""


def possible_times(devices: Sequence[Device]) -> dict[Reading, Times]:
    """Returns for each reading the UTC seconds that its reports give it.

    None where one of the reports was sent after a reboot: the server estimates that time. An
    uploader with a wrong clock adds other possible times: where reports are compared with each
    other, anything between what the reports of the boot say, else what a report of the reading
    says, since the one that is stored first decides.
    """
    possible: dict[Reading, Times] = {}
    for device in devices:
        boots: Boots = {}
        for upload in device.uploads:
            boots.setdefault(upload.boot_s, []).append(upload.received_s - upload.sent_s)
        for upload in device.uploads:
            _add(possible, upload, {} if device.counts_reports else boots)
    return possible


def _span(times: Sequence[int], later_boots: Sequence[int]) -> Span | None:
    if any(begin_s <= max(times) + SLACK_S for begin_s in later_boots):
        return None  # by its clock a later boot began before: the order of ids is stronger than clocks
    return Span(min(times), max(times))


def _add(possible: dict[Reading, Times], upload: Upload, boots: Boots) -> None:
    """`boots`: of a device whose reports are compared."""
    later = [min(begins) for boot_s, begins in boots.items() if boot_s > upload.boot_s]
    for (lid, id, raw, word), boot_s in upload.rows:
        kept = (upload.device_id, lid, id, word)
        known = possible.setdefault(kept, set())
        if boot_s != upload.boot_s:
            possible[kept] = None
        elif boots and known is not None:
            begins = boots[upload.boot_s]
            possible[kept] = _span([begin_s + raw for begin_s in begins], later)
        elif isinstance(known, set):
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
