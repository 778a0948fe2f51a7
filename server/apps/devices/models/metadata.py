"""Metadata of projects, devices and data blocks: properties, configuration, locations.

They belong to a *target*, named by its slug, so that they can follow a device into a data block.
"""

from django.conf import settings
from django.db import models

from server.apps.accounts.models import Org


class PropertyType(models.TextChoices):
    INT = "int", "Whole number"
    STR = "str", "Text"
    BOOL = "bool", "Yes or no"


class PropertyTemplate(models.Model):
    """A property that an organisation wants its projects, devices or data blocks to have."""

    org = models.ForeignKey(Org, models.CASCADE, related_name="property_templates")
    name = models.CharField(max_length=48)
    type = models.CharField(max_length=4, choices=PropertyType.choices, default=PropertyType.STR)
    default = models.CharField(max_length=256, blank=True)
    extra = models.JSONField(default=dict, blank=True)
    created_on = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["org", "name"], name="one_property_template_an_org_and_name")
        ]

    def __str__(self) -> str:
        return self.name


class PropertyEnum(models.Model):
    """An allowed value of this template's properties; without any, all are allowed."""

    template = models.ForeignKey(PropertyTemplate, models.CASCADE, related_name="enums")
    value = models.CharField(max_length=64)
    created_on = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["value"]
        constraints = [
            models.UniqueConstraint(fields=["template", "value"], name="one_enum_a_template_and_value")
        ]

    def __str__(self) -> str:
        return self.value


class Property(models.Model):
    """Of a project (`p--`), device (`d--`) or data block (`b--`). Stored as text, returned as its
    type."""

    org = models.ForeignKey(Org, models.CASCADE, related_name="+")
    target = models.CharField(max_length=24)
    name = models.CharField(max_length=40)
    type = models.CharField(max_length=4, choices=PropertyType.choices, default=PropertyType.STR)
    text = models.CharField(max_length=256, blank=True)
    is_system = models.BooleanField(default=False)
    created_on = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["target", "name"]
        constraints = [
            models.UniqueConstraint(fields=["target", "name"], name="one_property_a_target_and_name")
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.target}"

    @property
    def value(self) -> int | str | bool:
        if self.type == PropertyType.INT:
            return int(self.text)
        if self.type == PropertyType.BOOL:
            return self.text == "True"
        return self.text


class ConfigName(models.Model):
    """A name that configuration may have: `:report:trip_status:config`."""

    name = models.CharField(max_length=64, unique=True)
    description = models.TextField(blank=True)
    tags = models.JSONField(default=list, blank=True)
    created_on = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(name__regex=r"^:\S+$"), name="config_name_begins_with_a_colon"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ConfigAttribute(models.Model):
    """Of an organisation (`^`), account (`@`), project, device or data block. Without its own, a
    device has that of its project, then of its organisation, then of the account.
    """

    org = models.ForeignKey(
        Org, models.CASCADE, null=True, blank=True, related_name="+", help_text="Null: an account's own."
    )
    target = models.CharField(max_length=64)
    name = models.ForeignKey(ConfigName, models.PROTECT, related_name="attributes")
    data = models.JSONField(default=dict, blank=True)
    updated_on = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["target", "name"]
        constraints = [
            models.UniqueConstraint(fields=["target", "name"], name="one_config_attribute_a_target_and_name")
        ]

    def __str__(self) -> str:
        return f"{self.name_id} of {self.target}"


class DeviceLocation(models.Model):
    """Where a device was; of a device or data block."""

    org = models.ForeignKey(Org, models.CASCADE, related_name="+")
    target = models.CharField(max_length=24)
    timestamp = models.DateTimeField()
    lat = models.DecimalField(max_digits=9, decimal_places=6)
    lon = models.DecimalField(max_digits=9, decimal_places=6)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["target", "timestamp", "id"]
        indexes = [models.Index(fields=["target", "timestamp"], name="location_by_target_and_time")]

    def __str__(self) -> str:
        return f"{self.target} at {self.lat}, {self.lon}"
