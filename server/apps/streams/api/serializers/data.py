"""What variables, streams and their data look like on the wire. Field names are those of the original cloud.

Rows of data are written by `rows`; their serializers here are the documentation, and a test holds the two together.
"""

from typing import Any, Final

from rest_framework import serializers

from server.apps.streams.models import StreamId, StreamVariable, VarTypeInputUnit, VarTypeOutputUnit
from server.core.rest.moments import MomentField
from server.core.rest.numbers import PageField, PositiveField
from server.core.rest.pagination import LargePages, SuperLargePages

MOST_LAST: Final = 100_000
MOST_PAGES: Final = 10**12

Slug = serializers.SlugRelatedField[Any]
_UNIT: Final = ("slug", "unit_full", "unit_short", "m", "d", "o")


class InputUnitOutput(serializers.ModelSerializer[VarTypeInputUnit]):
    class Meta:
        model = VarTypeInputUnit
        fields = _UNIT
        read_only_fields = fields


class OutputUnitOutput(serializers.ModelSerializer[VarTypeOutputUnit]):
    class Meta:
        model = VarTypeOutputUnit
        fields = (*_UNIT, "decimal_places", "derived_units")
        read_only_fields = fields


class VariableOutput(serializers.ModelSerializer[StreamVariable]):
    input_unit = InputUnitOutput(read_only=True, allow_null=True)
    output_unit = OutputUnitOutput(read_only=True, allow_null=True)
    org = Slug(slug_field="slug", read_only=True)

    class Meta:
        model = StreamVariable
        fields = (
            "id",
            "name",
            "lid",
            "var_type",
            "input_unit",
            "output_unit",
            "derived_variable",
            "project",
            "org",
            "about",
            "created_on",
            "raw_value_format",
            "units",
            "multiplication_factor",
            "division_factor",
            "offset",
            "decimal_places",
            "mdo_label",
            "web_only",
            "app_only",
            "slug",
        )
        read_only_fields = fields


class StreamOutput(serializers.ModelSerializer[StreamId]):
    project = Slug(slug_field="slug", read_only=True)
    device = Slug(slug_field="slug", read_only=True)
    variable = Slug(slug_field="slug", read_only=True)
    block = serializers.SerializerMethodField(help_text="The archive it is in; there are none yet.")
    input_unit = InputUnitOutput(read_only=True, allow_null=True)
    output_unit = OutputUnitOutput(read_only=True, allow_null=True)
    derived_stream = Slug(slug_field="slug", read_only=True)
    org = Slug(slug_field="slug", read_only=True)
    project_id = serializers.UUIDField(read_only=True, allow_null=True)

    class Meta:
        model = StreamId
        fields = (
            "id",
            "project_id",
            "project",
            "device",
            "block",
            "data_label",
            "variable",
            "var_type",
            "data_type",
            "var_name",
            "var_lid",
            "input_unit",
            "output_unit",
            "derived_stream",
            "raw_value_format",
            "mdo_type",
            "mdo_label",
            "multiplication_factor",
            "division_factor",
            "offset",
            "org",
            "created_on",
            "slug",
            "enabled",
        )
        read_only_fields = fields

    def get_block(self, stream: StreamId) -> str | None:
        return None


class WindowInput(serializers.Serializer[Any]):
    """Which readings: a range of time, the newest of it, a page."""

    start = MomentField(default=None, help_text="From this time on.")
    end = MomentField(default=None, help_text="Before this time.")
    lastn = PositiveField(most=MOST_LAST, default=None, help_text="Only the newest ones.")
    page = PageField(most=MOST_PAGES, default=1)


class StreamDataInput(WindowInput):
    page_size = PositiveField(most=SuperLargePages.max_page_size, default=SuperLargePages.page_size)


class DataInput(WindowInput):
    filter = serializers.CharField(max_length=64, help_text="The slug of a stream, a device or a variable.")
    page_size = PositiveField(most=LargePages.max_page_size, default=LargePages.page_size)


class StreamRow(serializers.Serializer[Any]):
    type = serializers.CharField()
    timestamp = serializers.DateTimeField(help_text="In whole seconds.")
    int_value = serializers.IntegerField(allow_null=True)
    value = serializers.FloatField(allow_null=True, help_text="In the storage unit.")
    display_value = serializers.CharField(help_text="In the output unit, with the variable's decimal places.")
    output_value = serializers.FloatField(allow_null=True, help_text="In the output unit.")
    streamer_local_id = serializers.IntegerField(help_text="The reading's id.")


class DataRow(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="Stays the same; means nothing.")
    stream = serializers.CharField()
    project = serializers.CharField()
    device = serializers.CharField()
    variable = serializers.CharField()
    type = serializers.CharField()
    device_timestamp = serializers.IntegerField(allow_null=True, help_text="The device's own time word.")
    timestamp = serializers.DateTimeField(help_text="In whole seconds.")
    int_value = serializers.IntegerField(allow_null=True)
    value = serializers.FloatField(allow_null=True, help_text="In the storage unit.")
    streamer_local_id = serializers.IntegerField(help_text="The reading's id.")
    dirty_ts = serializers.BooleanField(help_text="The time is an estimate.")
    status = serializers.CharField(help_text="unk, cln, drt or utc.")


class _Page(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class StreamPage(_Page):
    results = StreamRow(many=True)


class DataPage(_Page):
    results = DataRow(many=True)
