"""Variables of projects, and the templates that they are made from."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models

from server.apps.accounts.models import Org
from server.apps.devices.models import Project, SensorGraph
from server.apps.streams.models.unit import VarType, VarTypeInputUnit, VarTypeOutputUnit
from server.lib.units import Mdo


class RawValueFormat(models.TextChoices):
    UNSIGNED = "<L", "unsigned int"
    SIGNED = "<l", "int"
    AUTO = "auto", "auto"


def unit_field(to: type[models.Model]) -> Any:
    return models.ForeignKey(to, models.SET_NULL, null=True, blank=True, related_name="+")


class VariableTemplate(models.Model):
    """A variable that every device with this sensor graph has."""

    sg = models.ForeignKey(SensorGraph, models.CASCADE, related_name="variable_templates")
    label = models.CharField(max_length=60)
    lid = models.PositiveIntegerField(help_text="The 16-bit local id: 0x5001 is 20481.")
    derived_lid = models.PositiveIntegerField(null=True, blank=True)
    var_type = models.ForeignKey(VarType, models.PROTECT, related_name="+")
    m = models.IntegerField(default=1)
    d = models.IntegerField(default=1)
    o = models.FloatField(default=0.0)
    ctype = models.CharField(max_length=12, choices=RawValueFormat.choices, default=RawValueFormat.UNSIGNED)
    default_input_unit = unit_field(VarTypeInputUnit)
    default_output_unit = unit_field(VarTypeOutputUnit)
    app_only = models.BooleanField(default=False)
    web_only = models.BooleanField(default=False)

    class Meta:
        ordering = ["sg", "lid"]
        constraints = [
            models.UniqueConstraint(fields=["sg", "lid"], name="one_variable_template_a_graph_and_lid")
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.lid_hex})"

    @property
    def lid_hex(self) -> str:
        return f"{self.lid:04x}"


class DisplayWidgetTemplate(models.Model):
    """What a phone or a page shows of a variable: a value, a button, a switch."""

    class Type(models.TextChoices):
        VALUE = "val", "Value"
        BUTTON = "btn", "Button"
        SWITCH = "sbt", "Switch"

    sg = models.ForeignKey(SensorGraph, models.CASCADE, related_name="display_widget_templates")
    label = models.CharField(max_length=60)
    lid = models.PositiveIntegerField(help_text="The 16-bit local id.")
    var_type = models.ForeignKey(VarType, models.PROTECT, null=True, blank=True, related_name="+")
    derived_unit_type = models.CharField(max_length=40, blank=True)
    show_in_app = models.BooleanField(default=True)
    show_in_web = models.BooleanField(default=True)
    type = models.CharField(max_length=3, choices=Type.choices, default=Type.VALUE)
    args = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["sg", "lid", "id"]

    def __str__(self) -> str:
        return f"{self.label} ({self.lid:04x})"


class StreamVariable(models.Model):
    """A quantity in a project. Without a project it is a system variable, the same on all
    devices."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.CharField(max_length=24, unique=True)
    project = models.ForeignKey(Project, models.CASCADE, null=True, blank=True, related_name="variables")
    org = models.ForeignKey(Org, models.CASCADE, null=True, blank=True, related_name="+")
    lid = models.PositiveIntegerField()
    name = models.CharField(max_length=60)
    sent_name = models.CharField(
        max_length=60,
        blank=True,
        default="",
        db_default="",
        help_text="The name under which devices send it to `in/`; it stays when the variable is renamed.",
    )
    about = models.CharField(max_length=400, blank=True)
    units = models.CharField(max_length=10, blank=True)
    var_type = models.ForeignKey(VarType, models.PROTECT, null=True, blank=True, related_name="+")
    input_unit = unit_field(VarTypeInputUnit)
    output_unit = unit_field(VarTypeOutputUnit)
    derived_variable = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    multiplication_factor = models.IntegerField(default=1)
    division_factor = models.IntegerField(default=1)
    offset = models.FloatField(default=0.0)
    decimal_places = models.PositiveSmallIntegerField(default=2)
    mdo_label = models.CharField(max_length=20, blank=True)
    raw_value_format = models.CharField(
        max_length=12, choices=RawValueFormat.choices, default=RawValueFormat.UNSIGNED
    )
    app_only = models.BooleanField(default=False)
    web_only = models.BooleanField(default=False)
    declared = models.BooleanField(
        default=True,
        db_default=True,
        help_text="False: a system variable that only reports made, and nobody named.",
    )
    created_on = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["project", "lid"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "lid"], name="one_variable_a_project_and_lid", nulls_distinct=False
            ),
            models.UniqueConstraint(
                fields=["project", "sent_name"],
                condition=~models.Q(sent_name=""),
                name="one_variable_a_project_and_sent_name",
            ),
            models.CheckConstraint(condition=models.Q(lid__lt=65536), name="variable_lid_has_16_bits"),
            models.CheckConstraint(
                condition=~models.Q(division_factor=0), name="variable_divides_by_something"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def mdo(self) -> Mdo:
        return Mdo(self.multiplication_factor, self.division_factor, self.offset)
