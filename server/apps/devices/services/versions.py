"""Version facts of devices: which software they run, in the order of reading ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from server.apps.devices.models import DeviceVersion
from server.lib.units import VersionWord

_PLACEHOLDERS: Final = {
    (DeviceVersion.Type.OS, VersionWord(1024, 0, 0)),
    (DeviceVersion.Type.APP, VersionWord(0, 0, 0)),
}
"""What devices send that do not know what they run."""


@dataclass(frozen=True, slots=True)
class ReportedVersion:
    """A version word of a device. `reported_on`: when the carrier got the report."""

    type: DeviceVersion.Type
    version: VersionWord
    reading_id: int
    reported_on: datetime


def record_versions(*, device_id: int, reported: Sequence[ReportedVersion]) -> list[DeviceVersion]:
    """Returns the new facts, oldest first. One statement, and none without versions. Idempotent."""
    distinct = {
        (each.type, each.version, each.reading_id): each for each in reported
    }  # a damaged report may repeat itself
    reported = [each for each in distinct.values() if (each.type, each.version) not in _PLACEHOLDERS]
    if not reported:
        return []
    columns: list[list[Any]] = [
        [each.type.value for each in reported],
        [each.version.tag for each in reported],
        [each.version.major for each in reported],
        [each.version.minor for each in reported],
        [each.reading_id for each in reported],
        [each.reported_on for each in reported],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_FACTS, [device_id, *columns, device_id])
        rows = cursor.fetchall()
    return sorted(
        (_version(device_id, row) for row in rows), key=lambda fact: (fact.streamer_local_id, fact.type)
    )


def _version(device_id: int, row: tuple[str, int, int, int, int, datetime]) -> DeviceVersion:
    type_, tag, major, minor, reading_id, reported_on = row
    return DeviceVersion(
        device_id=device_id,
        type=type_,
        tag=tag,
        major_version=major,
        minor_version=minor,
        streamer_local_id=reading_id,
        updated_ts=reported_on,
    )


# A fact begins with the first reading of its version. Reported words and known facts, in the order
# of ids, fall into runs of equal versions. A run without a known fact gets one; a run that begins
# before its fact moves the fact to its beginning, unless there is such a fact already, which two
# words with one id can cause.
_INSERT_FACTS: Final = """
    WITH words AS (
        SELECT id AS pk, type, tag, major_version AS major, minor_version AS minor, streamer_local_id AS seq, updated_ts AS reported
        FROM devices_deviceversion WHERE device_id = %s
        UNION ALL
        SELECT NULL, * FROM unnest(%s::text[], %s::bigint[], %s::int[], %s::int[], %s::bigint[], %s::timestamptz[])
    ), compared AS (
        SELECT *, (tag, major, minor) IS DISTINCT FROM (lag(tag) OVER w, lag(major) OVER w, lag(minor) OVER w) AS is_other
        FROM words WINDOW w AS (PARTITION BY type ORDER BY seq, pk NULLS LAST)
    ), numbered AS (
        SELECT *, count(*) FILTER (WHERE is_other) OVER (PARTITION BY type ORDER BY seq, pk NULLS LAST) AS run FROM compared
    ), runs AS (
        SELECT DISTINCT ON (type, run) *,
            first_value(pk) OVER (PARTITION BY type, run ORDER BY pk IS NULL, seq, pk) AS known
        FROM numbered ORDER BY type, run, seq, pk NULLS LAST
    ), begun_earlier AS (
        UPDATE devices_deviceversion AS v SET streamer_local_id = runs.seq, updated_ts = runs.reported
        FROM runs WHERE v.id = runs.known AND runs.seq < v.streamer_local_id
            AND (v.type, v.tag, v.major_version, v.minor_version, runs.seq) NOT IN (
                SELECT type, tag, major, minor, seq FROM words WHERE pk IS NOT NULL
            )
    )
    INSERT INTO devices_deviceversion (device_id, type, tag, major_version, minor_version, streamer_local_id, updated_ts)
    SELECT %s, type, tag, major, minor, seq, reported FROM runs WHERE known IS NULL
    ON CONFLICT DO NOTHING
    RETURNING type, tag, major_version, minor_version, streamer_local_id, updated_ts
"""
