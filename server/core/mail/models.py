"""The mails that people cause, counted."""

from django.db import models
from django.db.models.functions import Now


class CausedMail(models.Model):
    """One mail, or one message to many, that a person of an organisation caused. Kept for a day,
    for the limits."""

    kind = models.CharField(max_length=20)
    target = models.CharField(max_length=64, help_text="A digest of the address; empty for many addresses.")
    org = models.UUIDField(help_text="The organisation's id.")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "core"
        indexes = [
            models.Index("target", "at", name="caused_mail_by_target"),
            models.Index("org", "kind", "at", name="caused_mail_by_org"),
            models.Index("at", name="caused_mail_oldest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.org}"
