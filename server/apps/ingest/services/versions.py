"""Record which software a device runs, from the words among its readings (5c08, 5c09)."""

from datetime import datetime
from typing import Final

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from server.apps.activity.services.changes import Verb, record_change
from server.apps.devices.models import DeviceVersion
from server.apps.devices.selectors.devices import device_by_number
from server.apps.devices.services.versions import ReportedVersion, record_versions
from server.apps.streams.selectors.readings import words_after
from server.apps.streams.services.relabelling import add_note
from server.apps.streams.services.reports.writing import StoredReadings
from server.lib.formats import Flaw, Report
from server.lib.units import VERSION_STREAMS, VersionWord

_TYPES: Final = {0x5C08: DeviceVersion.Type.OS, 0x5C09: DeviceVersion.Type.APP}
_NAMES: Final = {DeviceVersion.Type.OS: "operating system", DeviceVersion.Type.APP: "application"}
_MAX_WORDS: Final = 200
"""Newest words of a report that are read: no device changes its software more often."""
_MAX_LATER_WORDS: Final = 1000
"""Words that were stored before a late report, and are newer: so many of them are read."""


def record_reported_versions(
    device_id: int, report: Report, written: StoredReadings, *, received: datetime
) -> None:
    """Called after the readings are stored. Costs no query when the report has no such words."""
    # Of all words of the report, not only new ones: a job that runs again after a crash records
    # what the first run did not.
    reported = _reported_versions(report, received)
    if not reported:
        return
    if written.last_id > int(report.readings["reading_id"].max()):
        reported += _later_versions(reported, written)
    with transaction.atomic():
        facts = record_versions(device_id=device_id, reported=reported)
        if facts:
            _record_facts(device_id, facts)


def _reported_versions(report: Report, received: datetime) -> list[ReportedVersion]:
    rows = report.readings if report.flaws is None else report.readings[report.flaws == Flaw.NONE]
    rows = rows[np.isin(rows["lid"], list(VERSION_STREAMS)) & (rows["reading_id"] > 0)]
    rows = np.sort(rows, order=["lid", "reading_id"])
    rows = np.sort(rows[_ends_of_runs(rows)], order="reading_id")[-_MAX_WORDS:]
    return [
        ReportedVersion(_TYPES[lid], VersionWord.parse(word), reading_id, received)
        for lid, reading_id, word in zip(
            rows["lid"].tolist(), rows["reading_id"].tolist(), rows["value"].tolist(), strict=True
        )
    ]


def _ends_of_runs(rows: NDArray[np.void]) -> NDArray[np.bool_]:
    """Returns a mask of the first and last row of each run of equal values: rows between them add
    nothing."""
    differs = (rows["lid"][1:] != rows["lid"][:-1]) | (rows["value"][1:] != rows["value"][:-1])
    ends: NDArray[np.bool_] = np.append(True, differs)[: len(rows)] | np.append(differs, True)[: len(rows)]
    return ends


def _later_versions(reported: list[ReportedVersion], written: StoredReadings) -> list[ReportedVersion]:
    """Returns the words that follow those of a late report. A word that repeated what was known
    then left no fact, and would now seem to be older than this one.
    """
    types = {writer.key: _TYPES[lid] for lid, writer in written.writers.items() if lid in _TYPES}
    first_id = min(each.reading_id for each in reported)
    return [
        ReportedVersion(types[word.stream_key], VersionWord.parse(word.int_value), word.reading_id, word.ts)
        for word in words_after(list(types), after_id=first_id, most=_MAX_LATER_WORDS)
    ]


def _record_facts(device_id: int, facts: list[DeviceVersion]) -> None:
    """For each new one: a note on the device, and a row in the audit trail of its organisation."""
    device = device_by_number(device_id)
    if device.org is None:
        return
    for fact in facts:
        name = _NAMES[DeviceVersion.Type(fact.type)]
        version = VersionWord(fact.tag, fact.major_version, fact.minor_version)
        add_note(
            device.slug,
            device.org,
            f"The device reports that it runs {name} {version}.",
            by=None,
            on=fact.updated_ts,
        )
        record_change(
            org=device.org,
            kind="device",
            ref=device.slug,
            verb=Verb.CHANGED,
            event="device-version",
            by=None,
            audited=True,
            details={"type": fact.type, "tag": fact.tag, "version": str(version)},
        )
