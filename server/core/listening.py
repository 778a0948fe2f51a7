"""Since when this server listens: a device can only be silent while somebody would have heard it.

Each web process writes a heartbeat. A longer pause between two of them than a restart takes, in all
processes, was an outage: of the web processes, or of the core database, without which no upload
is accepted.
"""

import threading
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import DatabaseError, InterfaceError, connection, models

EVERY_S: Final = 10.0
LONGEST_PAUSE: Final = timedelta(seconds=30)
"""Three heartbeats, or a restart."""
_FORGOTTEN_AFTER: Final = timedelta(days=1)

log = structlog.get_logger(__name__)


class Listening(models.Model):
    """One row: the present or the last time without an outage."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    since = models.DateTimeField()
    seen_on = models.DateTimeField()

    class Meta:
        app_label = "core"

    def __str__(self) -> str:
        return f"since {self.since}"


_RECORD: Final = """
    INSERT INTO core_listening AS l (id, since, seen_on) VALUES (1, now(), now())
    ON CONFLICT (id) DO UPDATE SET
        since = CASE WHEN now() - l.seen_on > make_interval(secs => %s) THEN now() ELSE l.since END,
        seen_on = greatest(l.seen_on, now())
"""


def record_listening() -> None:
    """Write a heartbeat, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, [LONGEST_PAUSE.total_seconds()])


def listening_since(*, now: datetime) -> datetime | None:
    """Return since when the server has listened without an outage; `now` during one.

    None if that is not known: no process has written a heartbeat for a day, as under a web server
    that is not ours.
    """
    row = Listening.objects.filter(pk=1, seen_on__gt=now - _FORGOTTEN_AFTER).first()
    if row is None:
        return None
    return row.since if now - row.seen_on <= LONGEST_PAUSE else now


def keep_recording() -> None:
    """Write heartbeats from a thread of this process until it ends."""
    threading.Thread(target=_record_forever, name="listening", daemon=True).start()


def _record_forever() -> None:
    pause = threading.Event()
    while True:
        try:
            record_listening()
        except (DatabaseError, InterfaceError) as error:
            log.warning("listening_not_recorded", error=str(error).strip())
            connection.close()
        pause.wait(EVERY_S)
