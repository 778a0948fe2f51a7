"""Devices, their keys and the versions of their software."""

import uuid
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from server.apps.accounts.models import Org
from server.apps.devices.models.catalogue import DeviceTemplate, SensorGraph
from server.apps.devices.models.project import Project


class DeviceState(models.TextChoices):
    INACTIVE = "N0", "Normal - Inactive"
    ACTIVE = "N1", "Normal - Active"
    RESETTING = "B0", "Busy - Resetting"
    ARCHIVING = "B1", "Busy - Archiving"


BUSY_STATES: Final = frozenset({DeviceState.RESETTING, DeviceState.ARCHIVING})


class HealthState(models.TextChoices):
    UNKNOWN = "UNK", "Unknown"
    FAIL = "FAIL", "Fail"
    OK = "OK", "OK"
    DISABLED = "DSBL", "Disabled"


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
    health_check_enabled = models.BooleanField(default=False)
    last_known_state = models.CharField(
        max_length=4, choices=HealthState.choices, default=HealthState.UNKNOWN
    )
    health_changed_on = models.DateTimeField(
        null=True, blank=True, help_text="Since when last_known_state is what it is."
    )
    reporting_since = models.DateTimeField(
        null=True, blank=True, help_text="The first report after its last silence."
    )
    health_mails_on = models.DateField(
        null=True, blank=True, help_text="The day (UTC) that health_mails counts."
    )
    health_mails = models.PositiveSmallIntegerField(default=0, db_default=0)
    notification_recipients = ArrayField(models.CharField(max_length=254), default=list, blank=True)
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
        return self.state in BUSY_STATES

    @property
    def patience(self) -> timedelta:
        """How long it may be silent."""
        return timedelta(seconds=self.expected_every_seconds)

    @property
    def claimed(self) -> bool:
        return self.project_id is not None


class DeviceKey(models.Model):
    """A secret that a device and the server share.

    What is only compared (upload keys, claim codes) is stored as a SHA-256. What takes part in a
    calculation or must be disclosed again (report root keys, keys that sign device tokens, factory
    keys) is sealed with the server's key.
    """

    class Kind(models.TextChoices):
        UPLOAD = "UPL", "Upload"
        REPORT_USER = "RUK", "Report, user key"
        REPORT_DEVICE = "RDK", "Report, device key"
        CLAIM = "CLM", "Claim code"
        A_JWT = "AJW", "Device token"
        USER = "USR", "User"
        SSH = "SSH", "SSH"
        X_API = "XAK", "X-API-KEY"
        MQTT = "MQT", "MQTT password"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device = models.ForeignKey(Device, models.CASCADE, related_name="keys")
    kind = models.CharField(max_length=3, choices=Kind.choices)
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of an upload key, in hex.")
    sealed = models.BinaryField(blank=True, help_text="A report root key, sealed (Fernet).")
    downloadable = models.BooleanField(
        default=False, help_text="Given out to those who may read the device's keys."
    )
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


class DeviceVersion(models.Model):
    """Which software a device reported, and when it first did."""

    class Type(models.TextChoices):
        OS = "os", "Operating system"
        APP = "app", "Application"

    device = models.ForeignKey(Device, models.CASCADE, related_name="versions")
    type = models.CharField(max_length=3, choices=Type.choices)
    tag = models.PositiveIntegerField()
    major_version = models.PositiveSmallIntegerField()
    minor_version = models.PositiveSmallIntegerField()
    streamer_local_id = models.BigIntegerField(default=1)
    updated_ts = models.DateTimeField()

    class Meta:
        ordering = ["device", "type", "-updated_ts"]
        constraints = [
            models.UniqueConstraint(
                fields=["device", "type", "tag", "major_version", "minor_version", "streamer_local_id"],
                name="one_row_a_version_and_reading",
            )
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.tag} {self.major_version}.{self.minor_version}"
