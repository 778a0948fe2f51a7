"""Sessions in the core database, looked up only by keys that could be ours."""

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: str | None) -> bool:
        """A cookie may contain anything, and PostgreSQL refuses NUL. Our keys are 32 letters and
        digits."""
        return key is not None and len(key) == 32 and key.isascii() and key.isalnum()
