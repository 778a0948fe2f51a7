"""The catalogue: kinds of hardware, and the applications configured on them."""

import uuid

from django.conf import settings
from django.db import models

from server.apps.accounts.models import Org
from server.apps.devices.models.metadata import PropertyTemplate
from server.apps.devices.models.project import ProjectTemplate
from server.apps.files.models import StoredFile


class Component(models.Model):
    """A building block of device templates, in a version."""

    class Kind(models.TextChoices):
        CONTROLLER = "BTC", "Controller"
        SENSOR = "SEN", "Sensor"
        COMMUNICATION = "COM", "Communication"
        IOT = "IOT", "IoT device"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    external_sku = models.CharField(max_length=40)
    internal_sku = models.CharField(max_length=40, blank=True)
    slug = models.SlugField(max_length=80, unique=True)
    type = models.CharField(max_length=3, choices=Kind.choices, default=Kind.CONTROLLER)
    major_version = models.PositiveSmallIntegerField(default=0)
    minor_version = models.PositiveSmallIntegerField(default=0)
    patch_version = models.PositiveSmallIntegerField(default=0)
    hw_tag = models.CharField(max_length=20, blank=True)
    hw_name = models.CharField(max_length=60, blank=True)
    description = models.TextField(blank=True)
    active = models.BooleanField(default=True)
    org = models.ForeignKey(
        Org, models.PROTECT, null=True, blank=True, related_name="components", help_text="Null: built in."
    )
    created_on = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.UniqueConstraint(
                fields=["external_sku", "major_version", "minor_version", "patch_version"],
                name="one_component_a_sku_and_version",
            )
        ]

    def __str__(self) -> str:
        return self.slug


class DeviceTemplate(models.Model):
    """A hardware type, in a version."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    external_sku = models.CharField(max_length=40)
    internal_sku = models.CharField(max_length=40, blank=True)
    family = models.CharField(max_length=40, blank=True)
    slug = models.SlugField(max_length=80, unique=True)
    major_version = models.PositiveSmallIntegerField(default=0)
    minor_version = models.PositiveSmallIntegerField(default=0)
    patch_version = models.PositiveSmallIntegerField(default=0)
    os_tag = models.PositiveIntegerField(default=0)
    os_major_version = models.PositiveSmallIntegerField(default=0)
    os_minor_version = models.PositiveSmallIntegerField(default=0)
    hw_tag = models.CharField(max_length=20, blank=True)
    hw_major_version = models.PositiveSmallIntegerField(default=0)
    org = models.ForeignKey(
        Org,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="device_templates",
        help_text="Null: built in.",
    )
    components = models.ManyToManyField(Component, through="DeviceSlot", related_name="device_templates")
    active = models.BooleanField(default=True)
    description = models.TextField(blank=True)
    released_on = models.DateTimeField(null=True, blank=True)
    created_on = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.UniqueConstraint(
                fields=["external_sku", "major_version", "minor_version", "patch_version"],
                name="one_device_template_a_sku_and_version",
            )
        ]

    def __str__(self) -> str:
        return self.slug


class DeviceSlot(models.Model):
    """Where a component sits in a device template. Slot 0 is the controller."""

    template = models.ForeignKey(DeviceTemplate, models.CASCADE, related_name="slots")
    component = models.ForeignKey(Component, models.PROTECT, related_name="slots")
    number = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["template", "number"]
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="one_component_a_template_and_slot")
        ]

    def __str__(self) -> str:
        return f"{self.component_id} in slot {self.number}"


class SensorGraph(models.Model):
    """The application configured on a device: which variables it reports, and how its reports are
    read."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=60)
    slug = models.SlugField(max_length=80, unique=True)
    major_version = models.PositiveSmallIntegerField(default=0)
    minor_version = models.PositiveSmallIntegerField(default=0)
    patch_version = models.PositiveSmallIntegerField(default=0)
    org = models.ForeignKey(
        Org, models.PROTECT, null=True, blank=True, related_name="sensor_graphs", help_text="Null: built in."
    )
    project_template = models.ForeignKey(
        ProjectTemplate, models.SET_NULL, null=True, blank=True, related_name="sensor_graphs"
    )
    org_properties = models.ManyToManyField(PropertyTemplate, blank=True, related_name="sensor_graphs")
    sgf = models.ForeignKey(StoredFile, models.SET_NULL, null=True, blank=True, related_name="+")
    active = models.BooleanField(default=True)
    report_processing_engine_ver = models.PositiveSmallIntegerField(default=2)
    app_tag = models.PositiveIntegerField(default=0)
    app_major_version = models.PositiveSmallIntegerField(default=0)
    app_minor_version = models.PositiveSmallIntegerField(default=0)
    ui_extra = models.JSONField(default=dict, blank=True)
    description = models.TextField(blank=True)
    created_on = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "major_version", "minor_version", "patch_version"],
                name="one_sensor_graph_a_name_and_version",
            )
        ]

    def __str__(self) -> str:
        return self.slug
