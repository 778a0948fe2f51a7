"""A thing that reports, and the keys it reports with."""

import uuid

from django.conf import settings
from django.db import models

from server.apps.accounts.models import Org
from server.apps.devices.models.catalogue import DeviceTemplate, SensorGraph
from server.apps.devices.models.project import Project


class DeviceState(models.TextChoices):
    INACTIVE = "N0", "Normal - Inactive"
    ACTIVE = "N1", "Normal - Active"
    RESETTING = "B0", "Busy - Resetting"
    ARCHIVING = "B1", "Busy - Archiving"


class Device(models.Model):
    """*Claimed* when it is in a project. The primary key is the number in the slug (48 bits)."""

    id = models.BigIntegerField(primary_key=True)
    slug = models.CharField(max_length=24, unique=True)
    org = models.ForeignKey(Org, models.PROTECT, null=True, blank=True, related_name="devices")
    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="devices")
    template = models.ForeignKey(
        DeviceTemplate, models.SET_NULL, null=True, blank=True, related_name="devices"
    )
    sg = models.ForeignKey(SensorGraph, models.SET_NULL, null=True, blank=True, related_name="devices")
    external_id = models.CharField(max_length=24, blank=True)
    label = models.CharField(max_length=100, blank=True)
    lat = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    lon = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    state = models.CharField(max_length=2, choices=DeviceState.choices, default=DeviceState.ACTIVE)
    active = models.BooleanField(default=True)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    claimed_on = models.DateTimeField(null=True, blank=True)
    last_report_on = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When an upload was accepted, by our clock: a device's clock may be wrong.",
    )
    expected_every_seconds = models.PositiveIntegerField(
        default=7200, help_text="Silent when nothing came for longer than this."
    )
    created_on = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(id__gte=0, id__lt=2**48), name="device_number_has_48_bits"
            ),
            models.CheckConstraint(
                condition=models.Q(project__isnull=True) | models.Q(org__isnull=False),
                name="device_in_a_project_has_an_org",
            ),
        ]

    def __str__(self) -> str:
        return self.label or self.slug

    @property
    def gid(self) -> str:
        return self.slug.removeprefix("d--")

    @property
    def busy(self) -> bool:
        return self.state.startswith("B")

    @property
    def claimed(self) -> bool:
        return self.project_id is not None


class DeviceKey(models.Model):
    """A secret that a device and the server share.

    An upload key only proves who is there, so its SHA-256 is enough. A report root key takes part in the calculation,
    so it is kept sealed with the server's key.
    """

    class Kind(models.TextChoices):
        UPLOAD = "UPL", "Upload"
        REPORT_USER = "RUK", "Report, user key"
        REPORT_DEVICE = "RDK", "Report, device key"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device = models.ForeignKey(Device, models.CASCADE, related_name="keys")
    kind = models.CharField(max_length=3, choices=Kind.choices)
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of an upload key, in hex.")
    sealed = models.BinaryField(blank=True, help_text="A report root key, sealed (Fernet).")
    revoked_on = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateTimeField(null=True, blank=True)
    created_on = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-created_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["device", "kind"],
                condition=models.Q(revoked_on__isnull=True),
                name="one_valid_key_a_device_and_kind",
            ),
            models.UniqueConstraint(
                fields=["digest"], condition=~models.Q(digest=""), name="upload_key_digest_is_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} key of {self.device_id}"
