"""The feed of an organisation's changes: each one exactly once, for a reader that keeps its
cursor."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from server.apps.activity.models import Change
from server.core.errors import Invalid
from server.core.identified import Identified

_OLDEST_RUNNING: Final = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_LARGEST: Final = 2**63 - 1
_START: Final = (0, 0)


@dataclass(frozen=True, slots=True)
class Feed:
    """`cursor` continues after the last of the changes; `more`: whether there are some already."""

    changes: list[Change]
    cursor: str
    more: bool


def changes_after(org: Identified[UUID], cursor: str, *, limit: int) -> Feed:
    """An empty cursor is the beginning. Raises Invalid for an unknown cursor."""
    # Ids are assigned before a transaction commits, so a smaller id may become visible after a
    # larger one. The feed is therefore ordered by transaction and ends before the oldest running
    # one: nothing is inserted later into what it has returned.
    transaction, number = _parse_cursor(cursor) if cursor else _START
    later = Q(transaction__gt=transaction) | Q(transaction=transaction, id__gt=number)
    committed = Change.objects.filter(later, org=org.id, transaction__lt=RawSQL(_OLDEST_RUNNING, []))
    found = list(committed.select_related("by").order_by("transaction", "id")[: limit + 1])
    page = found[:limit]
    last = (page[-1].transaction, page[-1].pk) if page else (transaction, number)
    return Feed(page, _format_cursor(*last), more=len(found) > limit)


def audit_trail_of(org: Identified[UUID]) -> QuerySet[Change]:
    """Newest first."""
    return Change.objects.filter(org=org.id, audited=True).select_related("by").order_by("-id")


def count_changes_by(account: Identified[int], org: Identified[UUID], *, event: str, since: datetime) -> int:
    """Of the audit trail."""
    return audit_trail_of(org).filter(by=account.id, event=event, at__gte=since).count()


def _format_cursor(transaction: int, number: int) -> str:
    return base64.urlsafe_b64encode(f"{transaction}:{number}".encode()).decode()


def _parse_cursor(cursor: str) -> tuple[int, int]:
    try:
        text = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, UnicodeError) as error:
        raise _unknown_cursor() from error
    parts = text.split(":")
    if len(parts) != 2 or not all(part.isdigit() and len(part) <= 19 for part in parts):
        raise _unknown_cursor()
    transaction, number = int(parts[0]), int(parts[1])
    if max(transaction, number) > _LARGEST:
        raise _unknown_cursor()
    return transaction, number


def _unknown_cursor() -> Invalid:
    return Invalid("This is no cursor of this feed.", field="cursor")
