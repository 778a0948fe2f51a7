"""Limits of mails that people cause: by the address they go to, and by the organisation they are
sent for.

Counted in the core database and in the caller's transaction, by services, so that every face has
the same limits and a mail that is not sent does not count.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from server.core import credentials
from server.core.errors import TooMany
from server.core.mail.models import CausedMail
from server.lib.mailboxes import mailbox

_HOUR: Final = timedelta(hours=1)
KEEP: Final = timedelta(days=1)


def count_mail(*, kind: str, org_id: UUID, to: str = "") -> None:
    """Record a mail to the address, or with no address a message to many. Raises TooMany beyond
    `MAILS_TO_ONE_ADDRESS_AN_HOUR`, whoever sent them, or `MAILS_OF_ORG_AN_HOUR` of this kind.
    """
    target = credentials.digest(mailbox(to)) if to else ""
    now = timezone.now()
    recent = CausedMail.objects.filter(at__gt=now - _HOUR)
    if target:
        _lock(target)
        if recent.filter(target=target).count() >= settings.MAILS_TO_ONE_ADDRESS_AN_HOUR:
            raise TooMany("Too many mails were sent to this address. Try again in an hour.")
    _lock(f"{kind} {org_id}")
    if recent.filter(org=org_id, kind=kind).count() >= settings.MAILS_OF_ORG_AN_HOUR[kind]:
        raise TooMany("The organisation has sent too many mails of this kind. Try again in an hour.")
    CausedMail.objects.create(kind=kind, target=target, org=org_id, at=now)


def _lock(what: str) -> None:
    """Until the end of the transaction: two at once would both count the same rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"mail {what}"])


def clean_caused_mails(*, now: datetime) -> None:
    """Idempotent."""
    CausedMail.objects.filter(at__lt=now - KEEP).delete()
