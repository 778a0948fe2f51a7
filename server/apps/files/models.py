"""A file on the object store that a person or an API client uploaded: a note's attachment, an
organisation's picture."""

import uuid

from django.conf import settings
from django.db import models


class StoredFile(models.Model):
    """Pending until `uploaded_on` is set; a signed form limits what may be uploaded."""

    class Kind(models.TextChoices):
        NOTE = "note", "Attachment of a note"
        EVENT = "event", "Payload of an event"
        IMAGE = "image", "Picture"
        SENSOR_GRAPH = "sgf", "Sensor graph file"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    org = models.ForeignKey("accounts.Org", models.CASCADE, null=True, blank=True, related_name="files")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    title = models.CharField(max_length=200, help_text="The file name as it came.")
    content_type = models.CharField(max_length=100, blank=True)
    object_key = models.CharField(max_length=200, unique=True)
    size_bytes = models.PositiveBigIntegerField(null=True, blank=True)
    uploaded_on = models.DateTimeField(null=True, blank=True)
    created_on = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-created_on"]

    def __str__(self) -> str:
        return self.title
