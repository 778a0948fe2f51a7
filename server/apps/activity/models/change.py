"""What happened in an organisation: a feed for programs, and the audit trail for people."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Change(models.Model):
    """One change of one object.

    `transaction` is PostgreSQL's number of the transaction that wrote it: a reader of rows of
    transactions older than the oldest running one, in the order (transaction, id), never misses one
    that commits late.
    """

    class Verb(models.TextChoices):
        CREATED = "created", "Created"
        CHANGED = "changed", "Changed"
        DELETED = "deleted", "Deleted"

    id = models.BigAutoField(primary_key=True)
    transaction = models.BigIntegerField(editable=False)
    org = models.ForeignKey("accounts.Org", models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=30, help_text="What kind of object, for instance device.")
    ref = models.CharField(max_length=80, help_text="Its slug, or its id.")
    verb = models.CharField(max_length=8, choices=Verb.choices)
    event = models.CharField(max_length=40, help_text="What was done, for instance claim-device.")
    details = models.JSONField(default=dict, blank=True, help_text="Never a secret.")
    audited = models.BooleanField(
        default=False, help_text="Of rights, keys, ownership or software: part of the audit trail."
    )
    at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["transaction", "id"]
        indexes = [
            models.Index(fields=["org", "transaction", "id"], name="change_by_org_and_order"),
            models.Index(fields=["org", "-id"], condition=models.Q(audited=True), name="audit_trail_by_org"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.ref}"
