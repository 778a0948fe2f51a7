"""Reports whose times depend on reboots of other reports: those of older firmware, and cut ones.

Callers hold `lock_device`, so that of two reports at least one sees the other.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.backends.utils import CursorWrapper


@dataclass(frozen=True, slots=True)
class OpenReport:
    """What placing the readings of a report again requires. Ids are inclusive except for
    `reach_to`; times are in microseconds."""

    report: uuid.UUID
    device_id: int
    streamer_key: int
    selector: int
    first_id: int
    last_id: int
    """The lowest and the highest id that it stored."""
    reach_from: int
    reach_to: int
    """Reboots with these ids matter: from the previous report, or its first reading, to its own
    id."""
    received_us: int
    sent_s: int
    previous_boot_us: int | None
    first_us: int
    last_us: int
    """The first and the last time of its readings."""
    cut: bool

    @property
    def order(self) -> tuple[int, int]:
        """Sort key: the order in which reports were made."""
        return self.reach_to, self.last_id

    def precedes(self, streamer_key: int, first_id: int) -> bool:
        """Whether this is a cut report whose missing part begins with this reading."""
        return self.cut and self.streamer_key == streamer_key and self.last_id < first_id < self.reach_to


_COLUMNS: Final = (
    "report, device_id, streamer_key, selector, first_id, last_id, reach_from, reach_to, received_us, sent_s, "
    "previous_boot_us, first_us, last_us, cut"
)


def open_reports_of(cursor: CursorWrapper, device_id: int, *, above: int) -> list[OpenReport]:
    """Return the reports that reach beyond this id, and all cut ones, in the order in which they
    were made."""
    cursor.execute(
        f"SELECT {_COLUMNS} FROM open_report WHERE device_id = %s AND (reach_to > %s OR cut)",
        [device_id, above],
    )
    found = [OpenReport(uuid.UUID(str(report)), *rest) for report, *rest in cursor.fetchall()]
    return sorted(found, key=lambda each: each.order)


def open_report_sql(cursor: CursorWrapper, report: OpenReport) -> str:
    """Return SQL that inserts the report, to be run with the other statements of its
    transaction."""
    values = [str(report.report), *(getattr(report, name) for name in _COLUMNS.split(", ")[1:])]
    places = ", ".join(["%s"] * len(values))
    statement = f"INSERT INTO open_report ({_COLUMNS}) VALUES ({places}) ON CONFLICT (report) DO NOTHING"
    return str(cursor.mogrify(statement, values).decode())


def save_new_times(cursor: CursorWrapper, reports: Sequence[OpenReport]) -> None:
    """Save `first_us` and `last_us` after the readings were moved."""
    cursor.execute(
        """
        UPDATE open_report AS o SET first_us = new.first_us, last_us = new.last_us
        FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[]) AS new (report, first_us, last_us)
        WHERE o.report = new.report
        """,
        [[str(r.report) for r in reports], [r.first_us for r in reports], [r.last_us for r in reports]],
    )


def save_fixed_points(
    cursor: CursorWrapper, device_id: int, report_ids: Sequence[int], received_us: Sequence[int]
) -> None:
    """Set the received times of open reports, by the reports' own ids, to those that count."""
    cursor.execute(
        """
        UPDATE open_report AS o SET received_us = new.received_us
        FROM unnest(%s::bigint[], %s::bigint[]) AS new (report, received_us)
        WHERE o.device_id = %s AND o.reach_to = new.report
        """,
        [list(report_ids), list(received_us), device_id],
    )


def extend_times(
    cursor: CursorWrapper, device_id: int, ids: tuple[int, int], times_us: tuple[int, int]
) -> None:
    """Extend `first_us` and `last_us` of the reports with readings among these ids (inclusive),
    some of which were moved to between these times."""
    cursor.execute(
        """
        UPDATE open_report SET first_us = least(first_us, %s), last_us = greatest(last_us, %s)
        WHERE device_id = %s AND first_id <= %s AND last_id >= %s
        """,
        [*times_us, device_id, ids[1], ids[0]],
    )
