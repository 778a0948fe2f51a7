"""Serializers of requests for readings, and of posted readings."""

from typing import Any, Final

from rest_framework import serializers

from server.api.data.serializers.rows import MOST_LAST, ReadingsPageInput
from server.api.paging import CursorField
from server.apps.streams.selectors.selections import RowFilter
from server.core.rest.moments import MomentField, MomentInput, StoredMomentField
from server.core.rest.numbers import FiniteField, PositiveField
from server.core.rest.pagination import LargePages
from server.core.rest.parsing import ParsedField, StrictInput
from server.lib.slugs import StreamSlug
from server.lib.timeseries import TimeStatus

MOST_ID: Final = 2**63 - 1
MOST_WORD: Final = 2**32 - 1
_MOST_CHARACTERS: Final = 64
CURSOR_HELP: Final = "Empty for the first page; pages then continue from a row, whatever is stored meanwhile."
FILTER_HELP: Final = "The slug of a stream, a device, an archive, a variable or a stream alias."
MASK_HELP: Final = "Nothing outside the masks of devices and archives."


def _id(text: str) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=MOST_ID, default=None, help_text=text)


def _word(text: str) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=MOST_WORD, default=None, help_text=text)


class RawBoundsInput(serializers.Serializer[Any]):
    """Bounds on reading ids and raw device times, under both names that clients use for them."""

    streamer_id_0 = _id("From this reading id on.")
    streamer_id_1 = _id("Up to this reading id.")
    streamer_id_min = _id("The same as streamer_id_0.")
    streamer_id_max = _id("The same as streamer_id_1.")
    streamer_ts_0 = _word("From this raw device time on.")
    streamer_ts_1 = _word("Up to this raw device time.")
    streamer_ts_min = _word("The same as streamer_ts_0.")
    streamer_ts_max = _word("The same as streamer_ts_1.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)

        def either(one: str, other: str) -> int | None:
            first, second = attrs.pop(one, None), attrs.pop(other, None)
            found: int | None = second if first is None else first
            return found

        attrs["row_filter"] = RowFilter(
            reading_id_from=either("streamer_id_0", "streamer_id_min"),
            reading_id_to=either("streamer_id_1", "streamer_id_max"),
            raw_time_from=either("streamer_ts_0", "streamer_ts_min"),
            raw_time_to=either("streamer_ts_1", "streamer_ts_max"),
        )
        return attrs


class DataInput(MomentInput, RawBoundsInput, ReadingsPageInput):
    filter = serializers.CharField(
        max_length=_MOST_CHARACTERS, default="", help_text=f"{FILTER_HELP} Without it nothing is selected."
    )
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
        default=False, help_text="With the raw device time and the reading id."
    )
    pivot = serializers.BooleanField(default=False, help_text="A column for each stream.")
    stats = serializers.BooleanField(
        default=False, help_text="Count, sum, mean, std, min, median and max of each stream."
    )
    apply_mdo = serializers.BooleanField(default=False, help_text="Values in the output units.")


class StreamSlugField(ParsedField):
    def parse(self, text: str) -> StreamSlug:
        return StreamSlug.parse(text)

    def to_representation(self, value: Any) -> str:
        return str(value)


ROW_FIELDS: Final = frozenset({"id", "project", "device", "variable", "dirty_ts"})


class PointInput(StrictInput):
    """The fields that readings and events share."""

    stream = StreamSlugField(help_text=StreamSlug.EXPECTED)
    timestamp = StoredMomentField(default=None, allow_null=True, help_text="Now, unless given.")
    streamer_local_id = serializers.IntegerField(min_value=0, max_value=MOST_ID, default=0)
    device_timestamp = serializers.IntegerField(
        min_value=0,
        max_value=MOST_WORD,
        default=None,
        allow_null=True,
        help_text="The raw device time.",
    )


class ReadingInput(PointInput):
    ignored = ROW_FIELDS

    int_value = serializers.IntegerField(
        min_value=-(2**31),
        max_value=MOST_WORD,
        default=None,
        allow_null=True,
        help_text="The raw word; the stream's factors and units convert it to the value.",
    )
    value = FiniteField(
        default=None,
        allow_null=True,
        help_text="In the storage unit, without int_value: kept as its raw word or, with type ITR, without one; from "
        "-1e100 to 1e100.",
    )
    type = serializers.ChoiceField(["Num", "ITR"], default=None, allow_null=True)
    status = serializers.ChoiceField([status.code for status in TimeStatus], default=TimeStatus.UNK.code)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        word, value, kind = attrs["int_value"], attrs["value"], attrs.pop("type")
        if word is None and value is None:
            raise serializers.ValidationError({"int_value": ["A raw word, or a value, is needed."]})
        if word is not None and value is not None:
            raise serializers.ValidationError({"value": ["Either int_value or value can be given."]})
        if word is not None and kind == "ITR":
            raise serializers.ValidationError({"type": ["A raw word has type Num; ITR goes with value."]})
        attrs["as_word"] = value is not None and kind != "ITR"
        return attrs


class CountOutput(serializers.Serializer[Any]):
    count = serializers.IntegerField()
