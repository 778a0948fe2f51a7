"""How much an organisation may upload on one day (UTC).

Each process counts for itself and adds to the organisation's row every few seconds, since a row
that every upload updates would make the uploads of an organisation wait for each other. So the
limits are exceeded by what comes within these seconds, at most.
"""

import threading
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import connection

from server.apps.ingest.models import UploadDay
from server.core.quotas import check_quota, delete_request_days

ADD_EVERY_S: Final = 5.0
_ADD: Final = f"""
    INSERT INTO {UploadDay._meta.db_table} AS so_far (org_id, day, reports, size_bytes) VALUES (%s, %s, %s, %s)
    ON CONFLICT (org_id, day) DO UPDATE
    SET reports = so_far.reports + excluded.reports, size_bytes = so_far.size_bytes + excluded.size_bytes
    RETURNING reports, size_bytes
"""


@dataclass(slots=True)
class _Use:
    """Of an organisation on a day. `new_…`: counted here and not yet in the row."""

    day: date
    reports: int = 0
    size_bytes: int = 0
    new_reports: int = 0
    new_bytes: int = 0
    next_at_s: float = 0.0


_uses: Final[dict[UUID, _Use]] = {}
_lock: Final = threading.Lock()


def count_upload(org_id: UUID, size_bytes: int, *, now: datetime) -> None:
    """Count an accepted report. Raises QuotaExceeded when the organisation has used its quota; then
    it is not counted."""
    with _lock:
        use = _uses.get(org_id)
        if use is None or use.day != now.date():
            use = _uses[org_id] = _Use(now.date())
        is_due = time.monotonic() >= use.next_at_s
        new_reports, new_bytes = use.new_reports, use.new_bytes
        if is_due:
            use.next_at_s = time.monotonic() + ADD_EVERY_S
            use.new_reports = use.new_bytes = 0
    if is_due:
        reports, sum_bytes = _add(org_id, use.day, new_reports, new_bytes)
        with _lock:
            use.reports, use.size_bytes = reports, sum_bytes
    with _lock:
        reports, sum_bytes = use.reports + use.new_reports + 1, use.size_bytes + use.new_bytes + size_bytes
        most_reports, most_bytes = settings.UPLOAD_REPORTS_A_DAY, settings.UPLOAD_BYTES_A_DAY
        check_quota(f"{most_reports} reports", reports, most_reports, now=now)
        check_quota(f"{most_bytes} bytes", sum_bytes, most_bytes, now=now)
        use.new_reports += 1
        use.new_bytes += size_bytes


def _add(org_id: UUID, day: date, reports: int, size_bytes: int) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [org_id, day, reports, size_bytes])
        [(reports, size_bytes)] = cursor.fetchall()
    return reports, size_bytes


def delete_old_days(*, now: datetime, keep_days: int) -> int:
    """Delete what was counted for quotas, of uploads and of requests; `keep_days` 0 keeps all.
    Returns how many rows."""
    if not keep_days:
        return 0
    before = now.astimezone(UTC).date() - timedelta(days=keep_days)
    deleted, _ = UploadDay.objects.filter(day__lt=before).delete()
    return deleted + delete_request_days(before=before)
