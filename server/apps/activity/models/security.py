"""What concerns the security of accounts and of the installation, whatever becomes of the accounts
and organisations."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class SecurityEvent(models.Model):
    """Append-only: a trigger of the database refuses UPDATE, and DELETE of rows that are younger
    than a year."""

    class Kind(models.TextChoices):
        SIGN_IN = "sign-in", "Sign-in"
        SECOND_FACTOR = "second-factor", "Second factor"
        TOKEN_CREATED = "token-created", "Token created"
        TOKEN_REVOKED = "token-revoked", "Token revoked"
        SESSION_ENDED = "session-ended", "Session ended"
        CREDENTIALS_REVOKED = "credentials-revoked", "All tokens revoked"
        FACTOR_CHANGED = "factor-changed", "Second factors changed"
        PASSWORD_CHANGED = "password-changed", "Password changed"
        ADDRESS_CHANGED = "address-changed", "E-mail address changed"
        OTHER_SITE = "other-site", "Other site connected or removed"
        ACCOUNT_ERASED = "account-erased", "Account erased"
        STAFF_READ = "staff-read", "Staff read"
        ORG_DELETED = "org-deleted", "Organisation deleted"

    class Result(models.TextChoices):
        DONE = "done", "Done"
        REFUSED = "refused", "Refused"

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    kind = models.CharField(max_length=24, choices=Kind.choices)
    result = models.CharField(max_length=8, choices=Result.choices, default=Result.DONE)
    # No constraint, since the row stays when the account goes, and cannot be changed.
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
        help_text="Whose sign-in or token, or who did it; null for an unknown login.",
    )
    login_digest = models.CharField(
        max_length=64, blank=True, help_text="Of what was typed at a sign-in that failed: a keyed digest."
    )
    subject = models.CharField(
        max_length=100, blank=True, help_text="What it is about: a name, a slug; never a secret."
    )
    address = models.CharField(max_length=45, blank=True)
    user_agent = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["account", "-id"], name="security_event_by_account"),
            models.Index("at", name="security_event_oldest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.result} {self.at}"
