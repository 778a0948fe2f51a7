"""End sessions: one, or all of a person's, on the page or because something stronger took their
place."""

from server.apps.accounts.models import Account
from server.apps.accounts.selectors.security import sessions_of
from server.apps.activity.services.security import Kind, record_security_event
from server.core.errors import NotFound
from server.core.sessions import BrowserSession


def end_session(*, user: Account, ref: str) -> None:
    """Raises NotFound, also for a session of another account."""
    mine = {session.ref: session for session in sessions_of(user)}
    if ref not in mine:
        raise NotFound()
    mine[ref].delete()
    record_security_event(Kind.SESSION_ENDED, account=user, subject=mine[ref].address)


def end_sessions(*, user: Account, keep: str = "") -> None:
    """`keep`: the key of the session that stays, usually that of the request."""
    ended, _ = BrowserSession.objects.filter(account_id=user.pk).exclude(session_key=keep).delete()
    if ended:
        record_security_event(Kind.SESSION_ENDED, account=user, subject=f"{ended} at once")
