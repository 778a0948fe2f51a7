"""Reports whose times depend on reboots that other reports bring: those of older firmware, and cut ones.

Who looks here or writes here holds `lock_device`, so that of two reports at least one sees the other.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.backends.utils import CursorWrapper


@dataclass(frozen=True, slots=True)
class OpenReport:
    """What it takes to place the readings of a report once more. Ids are inclusive but for `reach_to`, times microseconds."""

    report: uuid.UUID
    device_id: int
    streamer_key: int
    selector: int
    first_id: int
    last_id: int
    """The lowest and the highest id that it stored."""
    reach_from: int
    reach_to: int
    """Reboots with these ids matter: from the report before it, or its first reading, to its own id."""
    received_us: int
    sent_s: int
    previous_boot_us: int | None
    first_us: int
    last_us: int
    """Between these times its readings are."""
    cut: bool

    @property
    def order(self) -> tuple[int, int]:
        """By the moment at which it was made."""
        return self.reach_to, self.last_id

    def precedes(self, streamer_key: int, first_id: int) -> bool:
        """Whether it is a cut report, and what is missing in it begins with this reading."""
        return self.cut and self.streamer_key == streamer_key and self.last_id < first_id < self.reach_to


_COLUMNS: Final = (
    "report, device_id, streamer_key, selector, first_id, last_id, reach_from, reach_to, received_us, sent_s, "
    "previous_boot_us, first_us, last_us, cut"
)


def open_reports_of(cursor: CursorWrapper, device_id: int, *, above: int) -> list[OpenReport]:
    """Those that reach over this id, and all cut ones; in the order in which they were made."""
    cursor.execute(
        f"SELECT {_COLUMNS} FROM open_report WHERE device_id = %s AND (reach_to > %s OR cut)",
        [device_id, above],
    )
    found = [OpenReport(uuid.UUID(str(report)), *rest) for report, *rest in cursor.fetchall()]
    return sorted(found, key=lambda each: each.order)


def open_report_sql(cursor: CursorWrapper, report: OpenReport) -> str:
    """SQL that remembers it, for the script of the report's own writing."""
    values = [str(report.report), *(getattr(report, name) for name in _COLUMNS.split(", ")[1:])]
    places = ", ".join(["%s"] * len(values))
    statement = f"INSERT INTO open_report ({_COLUMNS}) VALUES ({places}) ON CONFLICT (report) DO NOTHING"
    return str(cursor.mogrify(statement, values).decode())


def save_new_times(cursor: CursorWrapper, reports: Sequence[OpenReport]) -> None:
    """Their readings were moved: `first_us` and `last_us`."""
    cursor.execute(
        """
        UPDATE open_report AS o SET first_us = new.first_us, last_us = new.last_us
        FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[]) AS new (report, first_us, last_us)
        WHERE o.report = new.report
        """,
        [[str(r.report) for r in reports], [r.first_us for r in reports], [r.last_us for r in reports]],
    )
