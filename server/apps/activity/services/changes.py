"""Record changes: the feed of changes and the audit trail are one table."""

from typing import Any
from uuid import UUID

from django.db import connection

from server.apps.activity.models import Change
from server.core.identified import Identified

Verb = Change.Verb


def record_change(
    *,
    org: Identified[UUID],
    kind: str,
    ref: str,
    verb: Verb,
    event: str,
    by: Identified[int] | None,
    audited: bool = False,
    details: dict[str, Any] | None = None,
) -> None:
    """Part of the caller's transaction, so that a rolled back change is not recorded. `details`
    must hold no secret.

    >>> record_change(org=org, kind="device", ref=device.slug, verb=Verb.CHANGED,
    ...               event="claim-device", by=by, audited=True)
    """
    Change.objects.create(
        transaction=_current_transaction(),
        org_id=org.id,
        kind=kind,
        ref=ref,
        verb=verb,
        event=event,
        by_id=by.id if by is not None else None,
        audited=audited,
        details=details or {},
    )


def _current_transaction() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        return int(cursor.fetchone()[0])
