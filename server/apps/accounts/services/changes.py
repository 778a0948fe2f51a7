"""Noting what happened: the feed of changes and the audit trail are one table."""

from typing import Any

from django.db import connection

from server.apps.accounts.models import Account, Change, Org

Verb = Change.Verb


def note_change(
    *,
    org: Org,
    kind: str,
    ref: str,
    verb: Verb,
    event: str,
    by: Account | None,
    audited: bool = False,
    details: dict[str, Any] | None = None,
) -> None:
    """Part of the caller's transaction: what is rolled back did not happen. `details` must hold no secret.

    >>> note_change(org=org, kind="device", ref=device.slug, verb=Verb.CHANGED, event="claim-device", by=by, audited=True)
    """
    Change.objects.create(
        transaction=_current_transaction(),
        org=org,
        kind=kind,
        ref=ref,
        verb=verb,
        event=event,
        by=by,
        audited=audited,
        details=details or {},
    )


def _current_transaction() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        return int(cursor.fetchone()[0])
