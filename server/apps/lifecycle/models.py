"""A repair of stored data: planned first, applied on request, and undone if it was wrong."""

import uuid

from django.conf import settings
from django.db import models

from server.apps.accounts.models import Org
from server.apps.devices.models import Device


class Repair(models.Model):
    """The rows that it changed are kept in the stream-data database (table repaired_row) until the
    repair is deleted."""

    class Kind(models.TextChoices):
        REPROCESS_REPORT = "reprocess-report", "Reprocess a report"
        REPROCESS_REBOOT = "reprocess-reboot", "Recompute times before a reboot"
        ADJUST_FORWARD = "adjust-forward", "Set times from the first reading"
        ADJUST_BACKWARD = "adjust-backward", "Set times from the last reading"
        REMOVE_DUPLICATES = "remove-duplicates", "Remove duplicates"
        SYNC_EVENT_TIMES = "sync-event-times", "Match events to their readings"
        REBUILD_ROLLUPS = "rebuild-rollups", "Rebuild rollups"

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        UNDONE = "undone", "Undone"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device = models.ForeignKey(Device, models.CASCADE, related_name="repairs")
    org = models.ForeignKey(
        Org, models.CASCADE, related_name="+", help_text="Whose device it was: its plan shows readings."
    )
    kind = models.CharField(max_length=20, choices=Kind.choices)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PLANNED)
    plan = models.JSONField(
        default=dict, help_text="What it would change: counts, first and last, a few rows."
    )
    result = models.JSONField(default=dict, help_text="What it did change.")
    failure = models.CharField(max_length=300, blank=True)
    created_on = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    done_on = models.DateTimeField(null=True, blank=True)
    undone_on = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "ingest_repair"  # the name from when repairs were a part of `ingest`
        ordering = ["-created_on", "-id"]
        indexes = [models.Index(fields=["device", "-created_on"], name="repair_by_device_and_time")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.device_id}: {self.state}"
