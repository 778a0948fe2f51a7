"""Variable types, and their input and output units."""

from django.db import models

from server.lib.units import Mdo


class VarType(models.Model):
    """A kind of quantity. Values are stored in its storage unit."""

    class DataType(models.TextChoices):
        NONE = "00", "Not set"
        NUMBER = "D0", "Number"
        EVENT = "E0", "Event, uploaded"
        ENCODED_EVENT = "E1", "Event, in packets"
        EVENT_WITH_DATA = "E2", "Event with a matching reading"
        SCHEMA_EVENT = "E3", "Event with a schema"

    slug = models.SlugField(max_length=40, primary_key=True)
    name = models.CharField(max_length=40, unique=True)
    storage_units_full = models.CharField(max_length=20, blank=True)
    storage_units_short = models.CharField(max_length=10, blank=True)
    stream_data_type = models.CharField(max_length=2, choices=DataType.choices, default=DataType.NUMBER)
    is_encoded = models.BooleanField(default=False)
    has_schema = models.BooleanField(default=False)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug


class UnitBase(models.Model):
    """`to = offset + from * m / d`."""

    slug = models.SlugField(max_length=80, primary_key=True)
    unit_full = models.CharField(max_length=20)
    unit_short = models.CharField(max_length=10, blank=True)
    m = models.BigIntegerField(default=1)
    d = models.BigIntegerField(default=1)
    o = models.FloatField(default=0.0)

    class Meta:
        abstract = True
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(d=0), name="%(class)s_divides_by_something"),
            models.CheckConstraint(condition=~models.Q(m=0), name="%(class)s_can_be_reversed"),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def mdo(self) -> Mdo:
        return Mdo(self.m, self.d, self.o)


class VarTypeInputUnit(UnitBase):
    """From the raw number to the storage unit."""

    var_type = models.ForeignKey(VarType, models.CASCADE, related_name="available_input_units")


class VarTypeOutputUnit(UnitBase):
    """From the storage unit to what people read."""

    var_type = models.ForeignKey(VarType, models.CASCADE, related_name="available_output_units")
    decimal_places = models.PositiveSmallIntegerField(default=2)
    derived_units = models.JSONField(default=dict, blank=True)


class VarTypeDecoder(models.Model):
    """How the packets of an encoded event are read into keys and values."""

    var_type = models.OneToOneField(VarType, models.CASCADE, related_name="decoder")
    raw_packet_format = models.CharField(max_length=32, help_text="As Python's struct has it: <LLLL.")
    packet_info = models.JSONField(
        default=dict, help_text="decoding: bit layouts; transform: map or mdo by key."
    )

    def __str__(self) -> str:
        return f"decoder of {self.var_type_id}"


class VarTypeSchema(models.Model):
    """What the document of an event holds: keys with type, label and units, and their order on a
    page."""

    var_type = models.OneToOneField(VarType, models.CASCADE, related_name="schema")
    keys = models.JSONField(default=dict)
    display_order = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"schema of {self.var_type_id}"
