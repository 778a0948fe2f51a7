"""A quantity of one device."""

import uuid

from django.conf import settings
from django.db import models

from server.apps.accounts.models import Org
from server.apps.devices.models import Device, Project
from server.apps.streams.models.archive import DataBlock
from server.apps.streams.models.unit import VarType, VarTypeInputUnit, VarTypeOutputUnit
from server.apps.streams.models.variable import RawValueFormat, StreamVariable, unit_field
from server.lib.units import Mdo


class StreamId(models.Model):
    """Project + device + variable. `key` identifies its rows in the stream-data database: 32 bits,
    never reused."""

    class MdoType(models.TextChoices):
        VARIABLE = "V", "as the variable"
        STREAM = "S", "its own"

    key = models.AutoField(primary_key=True)
    id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    slug = models.CharField(max_length=42, unique=True)
    org = models.ForeignKey(Org, models.PROTECT, null=True, blank=True, related_name="+")
    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="streams")
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="streams")
    block = models.ForeignKey(
        DataBlock,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="streams",
        help_text="The archive it is in.",
    )
    variable = models.ForeignKey(StreamVariable, models.PROTECT, related_name="streams")
    var_lid = models.PositiveIntegerField()
    var_name = models.CharField(max_length=60, blank=True)
    var_type = models.ForeignKey(VarType, models.PROTECT, null=True, blank=True, related_name="+")
    input_unit = unit_field(VarTypeInputUnit)
    output_unit = unit_field(VarTypeOutputUnit)
    data_type = models.CharField(
        max_length=2, choices=VarType.DataType.choices, default=VarType.DataType.NUMBER
    )
    data_label = models.CharField(max_length=100, blank=True)
    derived_stream = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    multiplication_factor = models.IntegerField(null=True, blank=True)
    division_factor = models.IntegerField(null=True, blank=True)
    offset = models.FloatField(null=True, blank=True)
    mdo_type = models.CharField(max_length=2, choices=MdoType.choices, default=MdoType.VARIABLE)
    mdo_label = models.CharField(max_length=20, blank=True)
    raw_value_format = models.CharField(
        max_length=12, choices=RawValueFormat.choices, default=RawValueFormat.UNSIGNED
    )
    is_encoded = models.BooleanField(default=False)
    enabled = models.BooleanField(default=True)
    declared = models.BooleanField(
        default=True,
        db_default=True,
        help_text="False: a system stream that only reports made, and nobody named.",
    )
    created_on = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["device", "var_lid"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "device", "variable", "block"],
                name="one_stream_a_project_device_variable_and_block",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(division_factor__isnull=True) | ~models.Q(division_factor=0),
                name="stream_divides_by_something",
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def label(self) -> str:
        return self.data_label or self.var_name or self.slug

    @property
    def mdo(self) -> Mdo:
        """The stream's own, or its variable's."""
        if self.mdo_type != self.MdoType.STREAM:
            return self.variable.mdo
        return Mdo(self.multiplication_factor or 1, self.division_factor or 1, self.offset or 0.0)
