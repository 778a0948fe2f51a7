"""A device's uploader, and one upload."""

import uuid
from collections.abc import Mapping
from types import MappingProxyType

from django.conf import settings
from django.db import models

from server.apps.devices.models import Device
from server.lib.formats import Flaw


class Streamer(models.Model):
    """Its acknowledgement lives with the data, in the stream-data database (table
    streamer_progress)."""

    id = models.BigAutoField(primary_key=True)
    slug = models.CharField(max_length=32, unique=True)
    device = models.ForeignKey(Device, models.CASCADE, related_name="streamers")
    index = models.PositiveIntegerField()
    selector = models.PositiveIntegerField()
    is_system = models.BooleanField(default=False)
    process_engine_ver = models.PositiveSmallIntegerField(default=2)
    has_stored = models.BooleanField(
        default=False,
        help_text="Something of it was stored: before, clients cannot make sense of its acknowledgement.",
    )
    created_on = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["device", "index"]
        constraints = [
            models.UniqueConstraint(fields=["device", "index"], name="one_streamer_a_device_and_index")
        ]

    def __str__(self) -> str:
        return self.slug


class StreamerReport(models.Model):
    """One accepted upload. What became of its readings is in the ledger, beside the readings."""

    class Status(models.TextChoices):
        RECEIVED = "received", "Waiting"
        STORED = "stored", "Stored"
        FAILED = "failed", "Failed"

    flaws: Mapping[Flaw, int] = MappingProxyType({})
    """How many readings and events cannot be stored, by reason. Of a report that was just received;
    afterwards the ledger has them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    streamer = models.ForeignKey(Streamer, models.CASCADE, related_name="reports")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.RECEIVED)
    failure = models.CharField(max_length=300, blank=True)
    original_first_id = models.BigIntegerField(default=0, help_text="From the footer.")
    original_last_id = models.BigIntegerField(default=0, help_text="From the footer.")
    actual_first_id = models.BigIntegerField(
        null=True, blank=True, help_text="What was new; 0 if nothing was."
    )
    actual_last_id = models.BigIntegerField(
        null=True, blank=True, help_text="What was new; 0 if nothing was."
    )
    sent_timestamp = models.DateTimeField(
        help_text="When the carrier got it from the device, by the carrier's clock."
    )
    device_sent_timestamp = models.BigIntegerField(
        null=True, blank=True, help_text="Device uptime in seconds."
    )
    incremental_id = models.BigIntegerField(default=0, help_text="The report's own id.")
    time_epsilon = models.FloatField(default=1.0)
    count = models.PositiveIntegerField(help_text="Readings and events in the file.")
    size_bytes = models.PositiveIntegerField()
    file_name = models.CharField(max_length=120, blank=True)
    object_key = models.CharField(
        max_length=160, db_index=True, help_text="Equal reports of a streamer share their bytes."
    )
    created_on = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Null: the device.",
    )
    file_deleted_on = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When its bytes were deleted, because they were older than REPORT_FILES_KEEP_DAYS.",
    )
    requeued_on = models.DateTimeField(
        null=True, blank=True, help_text="When it got another job, because it waited for so long."
    )

    class Meta:
        ordering = ["-created_on", "-id"]
        indexes = [
            models.Index(fields=["streamer", "-created_on"], name="report_by_streamer_and_time"),
            models.Index("created_on", name="report_waiting", condition=models.Q(status="received")),
            models.Index(
                "created_on", name="report_with_file", condition=models.Q(file_deleted_on__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
