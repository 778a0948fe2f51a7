"""Notes that people and the system write beside the data."""

from django.conf import settings
from django.db import models

from server.apps.accounts.models import Org
from server.apps.files.models import StoredFile


class StreamNote(models.Model):
    """A note on a stream (`s--`), device (`d--`), data block (`b--`) or project (`p--`)."""

    class Type(models.TextChoices):
        SYSTEM_CRITICAL = "sc", "System, critical"
        SYSTEM_INFO = "si", "System"
        FILTER = "fi", "By a filter"
        USER = "ui", "By a person"

    id = models.BigAutoField(primary_key=True)
    org = models.ForeignKey(Org, models.CASCADE, related_name="+")
    target = models.CharField(max_length=42)
    type = models.CharField(max_length=2, choices=Type.choices, default=Type.USER)
    timestamp = models.DateTimeField()
    note = models.TextField()
    attachment = models.ForeignKey(StoredFile, models.SET_NULL, null=True, blank=True, related_name="+")
    created_on = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["target", "timestamp", "id"]
        indexes = [models.Index(fields=["target", "timestamp"], name="note_by_target_and_time")]

    def __str__(self) -> str:
        return f"note {self.pk} on {self.target}"
