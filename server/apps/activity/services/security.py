"""Record security events. They are written with the caller's transaction, so what a caller refuses
is recorded outside of one."""

from datetime import timedelta
from typing import Final

from django.utils import timezone
from django.utils.crypto import salted_hmac

from server.apps.activity.models import SecurityEvent
from server.core.identified import Identified
from server.core.origin import current_origin
from server.lib.lines import one_line
from server.lib.mailboxes import mailbox

Kind = SecurityEvent.Kind
Result = SecurityEvent.Result
STAFF_READS_EVERY: Final = timedelta(hours=1)


def record_security_event(
    kind: Kind,
    *,
    account: Identified[int] | None = None,
    result: Result = Result.DONE,
    login: str = "",
    subject: str = "",
) -> None:
    """Address and user agent are those of the current request. `login`: what was typed; only a
    digest is stored."""
    origin = current_origin()
    SecurityEvent.objects.create(
        kind=kind,
        result=result,
        account_id=account.id if account is not None else None,
        login_digest=login_digest(login) if login else "",
        subject=one_line(subject)[:100],
        address=origin.address,
        user_agent=origin.user_agent,
    )


def login_digest(login: str) -> str:
    """Keyed, since the digests of known addresses could be computed by anybody."""
    plain = mailbox(login).encode(errors="replace").decode()
    return salted_hmac("security event", plain, algorithm="sha256").hexdigest()


def record_staff_read(*, account: Identified[int], subject: str) -> None:
    """Once an hour for each subject."""
    since = timezone.now() - STAFF_READS_EVERY
    recent = SecurityEvent.objects.filter(account_id=account.id, kind=Kind.STAFF_READ, at__gt=since)
    if not recent.filter(subject=subject[:100]).exists():
        record_security_event(Kind.STAFF_READ, account=account, subject=subject)
