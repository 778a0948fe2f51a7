"""Archived periods of a device's history, and the part of its data that readers are shown."""

import uuid

from django.conf import settings
from django.db import models

from server.apps.accounts.models import Org
from server.apps.devices.models import Device, SensorGraph


class DataBlock(models.Model):
    """All that a device had measured until it was archived. The streams belong to the block from
    then on, with their data."""

    slug = models.CharField(max_length=24, unique=True)
    block = models.PositiveIntegerField(help_text="1 is the first of a device.")
    device = models.ForeignKey(Device, models.PROTECT, related_name="blocks")
    org = models.ForeignKey(Org, models.PROTECT, related_name="blocks")
    sg = models.ForeignKey(SensorGraph, models.SET_NULL, null=True, blank=True, related_name="+")
    title = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    pid = models.UUIDField(null=True, blank=True, help_text="The operation that archived it.")
    created_on = models.DateTimeField(auto_now_add=True)
    completed_on = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-created_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["device", "block"], name="one_data_block_a_device_and_number")
        ]

    def __str__(self) -> str:
        return self.slug


class DataMask(models.Model):
    """The part of a device's or data block's data that readers are shown; the rest is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    org = models.ForeignKey(Org, models.CASCADE, related_name="+")
    target = models.CharField(max_length=24, unique=True, help_text="The slug of a device or data block.")
    start = models.DateTimeField(null=True, blank=True)
    end = models.DateTimeField(null=True, blank=True)
    updated_on = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(start__isnull=False) | models.Q(end__isnull=False),
                name="mask_has_a_start_or_an_end",
            )
        ]

    def __str__(self) -> str:
        return f"{self.target}: {self.start} to {self.end}"
