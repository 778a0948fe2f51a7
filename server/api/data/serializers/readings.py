"""What requests for data, and posts of it, look like."""

from math import isfinite
from typing import Any, Final

from django.conf import settings
from rest_framework import serializers

from server.api.data.serializers.rows import MOST_LAST, Page, WindowInput
from server.api.paging import CursorField
from server.apps.streams.selectors import AGGREGATE_FUNCTIONS, Narrowing
from server.core.rest.documents import DocumentField
from server.core.rest.moments import MomentField, ZoneField
from server.core.rest.numbers import PositiveField
from server.core.rest.pagination import LargePages, SuperLargePages
from server.core.rest.parsing import ParsedField, StrictInput
from server.lib.slugs import StreamSlug
from server.lib.timeseries import TimeStatus
from server.lib.timeseries.buckets import Bucket

_MOST_ID: Final = 2**63 - 1
_MOST_WORD: Final = 2**32 - 1
_MOST_CHARACTERS: Final = 64
CURSOR_HELP: Final = "Empty for the first page; then pages go on from a row, whatever is stored meanwhile."
FILTER_HELP: Final = "The slug of a stream, a device, an archive, a variable or a stream alias."
MASK_HELP: Final = "Nothing outside the masks of devices and archives."


def _id(text: str) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=_MOST_ID, default=None, help_text=text)


def _word(text: str) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=_MOST_WORD, default=None, help_text=text)


class NarrowingInput(serializers.Serializer[Any]):
    """Bounds on ids and device times, under both names that clients have for them."""

    streamer_id_0 = _id("From this reading id on.")
    streamer_id_1 = _id("Up to this reading id.")
    streamer_id_min = _id("The same as streamer_id_0.")
    streamer_id_max = _id("The same as streamer_id_1.")
    streamer_ts_0 = _word("From this time word of the device on.")
    streamer_ts_1 = _word("Up to this time word of the device.")
    streamer_ts_min = _word("The same as streamer_ts_0.")
    streamer_ts_max = _word("The same as streamer_ts_1.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        def either(one: str, other: str) -> int | None:
            first, second = attrs.pop(one, None), attrs.pop(other, None)
            found: int | None = second if first is None else first
            return found

        attrs["narrowing"] = Narrowing(
            seq_from=either("streamer_id_0", "streamer_id_min"),
            seq_to=either("streamer_id_1", "streamer_id_max"),
            device_ts_from=either("streamer_ts_0", "streamer_ts_min"),
            device_ts_to=either("streamer_ts_1", "streamer_ts_max"),
        )
        return attrs


class StreamDataInput(NarrowingInput, WindowInput):
    page_size = PositiveField(most=SuperLargePages.max_page_size, default=SuperLargePages.page_size)
    cursor = CursorField(default=None, help_text=CURSOR_HELP)


class DataInput(NarrowingInput, WindowInput):
    filter = serializers.CharField(max_length=_MOST_CHARACTERS, help_text=FILTER_HELP)
    page_size = PositiveField(most=LargePages.max_page_size, default=LargePages.page_size)
    mask = serializers.BooleanField(default=False, help_text=MASK_HELP)
    cursor = CursorField(default=None, help_text=CURSOR_HELP)


class RangeInput(serializers.Serializer[Any]):
    start = MomentField(default=None, help_text="From this time on.")
    end = MomentField(default=None, help_text="Before this time.")
    lastn = PositiveField(most=MOST_LAST, default=None, help_text="Only the newest ones; at most 100000.")


class FrameInput(RangeInput):
    filter = serializers.CharField(max_length=_MOST_CHARACTERS, help_text=FILTER_HELP)
    mask = serializers.BooleanField(default=False, help_text=MASK_HELP)
    extended = serializers.BooleanField(
        default=False, help_text="The device's time word and the reading id too."
    )
    pivot = serializers.BooleanField(default=False, help_text="A column for each stream.")
    stats = serializers.BooleanField(
        default=False, help_text="Count, sum, mean, std, min, median and max a stream."
    )
    apply_mdo = serializers.BooleanField(default=False, help_text="Values in the output units.")


class BucketField(ParsedField):
    def parse(self, text: str) -> Bucket:
        return Bucket.parse(text)


class FunctionsField(ParsedField):
    def parse(self, text: str) -> list[str]:
        names = list(dict.fromkeys(name.strip() for name in text.split(",")))
        if not set(names) <= set(AGGREGATE_FUNCTIONS):
            raise ValueError(f"Some of {', '.join(AGGREGATE_FUNCTIONS)} are needed.")
        return names


class AggregateInput(serializers.Serializer[Any]):
    bucket = BucketField(help_text="Such as 15m, 1h, 1d, 1w, 1M, 1y.")
    tz = ZoneField(default=None, help_text="Whose calendar; UTC unless given.")
    fn = FunctionsField(default=None, help_text="Of avg, min, max, sum, count, first, last; with commas.")
    start = MomentField(default=None, help_text="From this time on.")
    end = MomentField(default=None, help_text="Before this time.")
    unit = serializers.ChoiceField(["output", "storage"], default="output")


class AggregateRow(serializers.Serializer[Any]):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    avg = serializers.FloatField(required=False)
    min = serializers.FloatField(required=False)
    max = serializers.FloatField(required=False)
    sum = serializers.FloatField(required=False, allow_null=True)
    count = serializers.IntegerField(required=False)
    first = serializers.FloatField(required=False)
    last = serializers.FloatField(required=False)


class AggregateOutput(serializers.Serializer[Any]):
    stream = serializers.CharField()
    unit = serializers.CharField(help_text="Of the values; empty when it has no name.")
    results = AggregateRow(many=True)


class StatsOutput(serializers.Serializer[Any]):
    """In the output unit."""

    count = serializers.IntegerField()
    min = serializers.FloatField(allow_null=True)
    max = serializers.FloatField(allow_null=True)
    sum = serializers.FloatField(allow_null=True)
    avg = serializers.FloatField(allow_null=True)
    interval_days = serializers.FloatField(help_text="From the first reading that is counted to the last.")


class StreamSlugField(ParsedField):
    def parse(self, text: str) -> StreamSlug:
        return StreamSlug.parse(text)

    def to_representation(self, value: Any) -> str:
        return str(value)


class FiniteField(serializers.FloatField):
    def to_internal_value(self, data: Any) -> float:
        try:
            number = super().to_internal_value(data)
        except OverflowError as error:
            raise serializers.ValidationError("The number is too large.") from error
        if not isfinite(number):
            raise serializers.ValidationError("A finite number is needed.")
        return number


_ROW_FIELDS: Final = frozenset({"id", "project", "device", "variable", "dirty_ts"})


class PointInput(StrictInput):
    """What readings and events have in common."""

    stream = StreamSlugField(help_text=StreamSlug.EXPECTED)
    timestamp = MomentField(default=None, allow_null=True, help_text="Now, unless given.")
    streamer_local_id = serializers.IntegerField(min_value=0, max_value=_MOST_ID, default=0)
    device_timestamp = serializers.IntegerField(
        min_value=0,
        max_value=_MOST_WORD,
        default=None,
        allow_null=True,
        help_text="The device's own time word.",
    )


class ReadingInput(PointInput):
    ignored = _ROW_FIELDS

    int_value = serializers.IntegerField(
        min_value=-(2**31),
        max_value=_MOST_WORD,
        default=None,
        allow_null=True,
        help_text="The raw word; the stream's factors and units make the value of it.",
    )
    value = FiniteField(
        default=None, allow_null=True, help_text="In the storage unit, with type ITR and without int_value."
    )
    type = serializers.ChoiceField(["Num", "ITR"], default=None, allow_null=True)
    status = serializers.ChoiceField([status.code for status in TimeStatus], default=TimeStatus.UNK.code)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        word, value, kind = attrs["int_value"], attrs["value"], attrs.pop("type")
        if word is None and value is None:
            raise serializers.ValidationError(
                {"int_value": ["A raw word, or a value of type ITR, is needed."]}
            )
        if word is not None and value is not None:
            raise serializers.ValidationError({"value": ["Either int_value or value can be given."]})
        if word is not None and kind == "ITR":
            raise serializers.ValidationError({"type": ["A raw word has type Num; ITR goes with value."]})
        if value is not None and kind != "ITR":
            raise serializers.ValidationError({"type": ["A value has type ITR: it is in the storage unit."]})
        return attrs


class EventInput(PointInput):
    ignored = _ROW_FIELDS | {"s3bucket", "s3key", "ext", "has_raw_data", "status"}

    extra_data = DocumentField(default=dict, help_text="The summary.")
    data = serializers.JSONField(  # type: ignore[assignment]  # a field goes by this name
        default=None, allow_null=True, write_only=True, help_text="The large part, which is kept as a file."
    )


class EventChangeInput(StrictInput):
    ignored = _ROW_FIELDS | {"s3bucket", "s3key", "ext", "has_raw_data", "status", "stream"}

    timestamp = MomentField(required=False)
    extra_data = DocumentField(required=False, help_text="Replaces what there was.")
    streamer_local_id = serializers.IntegerField(required=False, min_value=0, max_value=_MOST_ID)
    device_timestamp = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=_MOST_WORD
    )


class EventUploadForm(serializers.Serializer[Any]):
    """For the documentation: what the multipart form holds."""

    file = serializers.FileField(
        help_text=f"A .json or .json.gz file, at most {settings.REPORT_MAX_BYTES} bytes."
    )
    stream = serializers.CharField()
    timestamp = serializers.DateTimeField(required=False)
    streamer_local_id = serializers.IntegerField(required=False)
    device_timestamp = serializers.IntegerField(required=False)
    encoded_extra_data = serializers.CharField(
        required=False, help_text="The summary, as the text of a JSON object."
    )


class EventOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    stream = serializers.CharField()
    project = serializers.CharField(help_text="Empty in an archive.")
    device = serializers.CharField()
    variable = serializers.CharField()
    s3bucket = serializers.CharField(allow_null=True, help_text="Always null: see `data/` and `url/`.")
    s3key = serializers.CharField(allow_null=True, help_text="Always null.")
    ext = serializers.CharField(allow_null=True, help_text="json or json.gz; null without a large part.")
    has_raw_data = serializers.BooleanField()
    device_timestamp = serializers.IntegerField(allow_null=True)
    timestamp = serializers.DateTimeField(help_text="In whole seconds.")
    streamer_local_id = serializers.IntegerField()
    dirty_ts = serializers.BooleanField()
    status = serializers.CharField()
    extra_data = serializers.DictField()


class EventPage(Page):
    results = EventOutput(many=True)


class CountOutput(serializers.Serializer[Any]):
    count = serializers.IntegerField()


class UrlOutput(serializers.Serializer[Any]):
    url = serializers.URLField(help_text="Good for an hour, without signing in.")


class TableInput(serializers.Serializer[Any]):
    """What DataTables sends; anything else of it is not looked at."""

    draw = serializers.IntegerField(default=0, min_value=0, max_value=_MOST_WORD)
    start = serializers.IntegerField(default=0, min_value=0, max_value=10**9)
    length = serializers.IntegerField(default=10, min_value=-1, max_value=10_000)


class TableOutput(serializers.Serializer[Any]):
    draw = serializers.IntegerField()
    recordsTotal = serializers.IntegerField()
    recordsFiltered = serializers.IntegerField()
    data = serializers.ListField(  # type: ignore[assignment]  # a field goes by this name
        child=serializers.ListField(child=serializers.CharField(allow_blank=True))
    )
