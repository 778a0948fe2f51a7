import uuid

from django.conf import settings
from django.db import models

from server.apps.devices.models import Device


class RefusedUpload(models.Model):
    """An upload that was not taken, with the reason, kept for inspection."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device = models.ForeignKey(Device, models.CASCADE, null=True, blank=True, related_name="refused_uploads")
    reason = models.CharField(max_length=40, help_text="A code, for instance bad-hash.")
    message = models.CharField(max_length=300)
    offset = models.BigIntegerField(null=True, blank=True, help_text="The byte where it went wrong.")
    file_name = models.CharField(max_length=120, blank=True)
    size_bytes = models.PositiveIntegerField(default=0)
    object_key = models.CharField(max_length=160, blank=True)
    created_on = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-created_on", "-id"]
        indexes = [models.Index(fields=["device", "-created_on"], name="refusal_by_device_and_time")]

    def __str__(self) -> str:
        return f"{self.reason}: {self.file_name}"
