"""Sessions in the core database: looked up only by keys that could be ours, listed by whose they
are, and ended when nobody used them for a while."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone

from server.core.origin import current_origin

SEEN_EVERY: Final = timedelta(minutes=5)  # a write for each request would be too many
_SIGNED_IN_ON: Final = "signed_in_on"


class BrowserSession(AbstractBaseSession):
    """What a browser's cookie stands for. The columns after Django's are empty until somebody signs
    in with it."""

    account_id = models.BigIntegerField(null=True)
    address = models.CharField(max_length=45, blank=True, help_text="Where it was used last.")
    user_agent = models.CharField(max_length=200, blank=True)
    signed_in_on = models.DateTimeField(null=True)
    last_seen_on = models.DateTimeField(null=True)

    class Meta(AbstractBaseSession.Meta):
        app_label = "core"
        indexes = (models.Index("account_id", name="browser_session_by_account"),)

    @classmethod
    def get_session_store_class(cls) -> "type[SessionStore]":
        return SessionStore

    @property
    def ref(self) -> str:
        """Names it on pages, which must not contain the key."""
        return hashlib.sha256(f"session {self.session_key}".encode()).hexdigest()

    def use(self, account_id: int, *, signed_in_on: datetime, now: datetime) -> None:
        """Set who used it, from where, and when it ends if nobody uses it again."""
        origin = current_origin()
        self.account_id, self.signed_in_on, self.last_seen_on = account_id, signed_in_on, now
        self.address, self.user_agent = origin.address, origin.user_agent
        longest = timedelta(seconds=settings.SESSION_COOKIE_AGE)
        self.expire_date = min(now + timedelta(hours=settings.SESSION_IDLE_HOURS), signed_in_on + longest)


class SessionStore(db.SessionStore):
    @classmethod
    def get_model_class(cls) -> type[BrowserSession]:
        return BrowserSession

    def _validate_session_key(self, key: str | None) -> bool:
        """A cookie may contain anything, and PostgreSQL refuses NUL. Our keys are 32 letters and
        digits."""
        return key is not None and len(key) == 32 and key.isascii() and key.isalnum()

    def create_model_instance(self, data: dict[str, Any]) -> BrowserSession:
        account, now = data.get(SESSION_KEY), timezone.now()
        if account is not None:
            data.setdefault(_SIGNED_IN_ON, now.isoformat())  # it stays when the key changes
        row: BrowserSession = super().create_model_instance(data)  # type: ignore[assignment]  # of `get_model_class`
        if account is not None:
            row.use(int(account), signed_in_on=datetime.fromisoformat(data[_SIGNED_IN_ON]), now=now)
        return row

    async def acreate_model_instance(self, data: dict[str, Any]) -> BrowserSession:
        return await sync_to_async(self.create_model_instance)(data)

    def _get_session_from_db(self) -> BrowserSession | None:
        row: BrowserSession | None = super()._get_session_from_db()  # type: ignore[misc]  # not in the stubs
        if row is not None:
            _record_use(row)
        return row


def _record_use(row: BrowserSession) -> None:
    now = timezone.now()
    if row.account_id is None or row.signed_in_on is None or row.last_seen_on is None:
        return
    if now - row.last_seen_on >= SEEN_EVERY:
        row.use(row.account_id, signed_in_on=row.signed_in_on, now=now)
        # Not the whole row: another request may be saving its data, or ending the session.
        fields = ("last_seen_on", "expire_date", "address", "user_agent")
        BrowserSession.objects.filter(pk=row.pk).update(**{field: getattr(row, field) for field in fields})
