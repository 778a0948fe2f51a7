"""Serializers of data blocks and masks. Field names are those of the original cloud."""

from typing import Any, ClassVar

from rest_framework import serializers

from server.apps.devices.models import DeviceState
from server.apps.streams.models import DataBlock
from server.core.rest.moments import StoredMomentField
from server.core.rest.parsing import StrictInput

Slug = serializers.SlugRelatedField[Any]

_AFTER = [(state.value, state.label) for state in (DeviceState.INACTIVE, DeviceState.ACTIVE)]


class BlockOutput(serializers.ModelSerializer[DataBlock]):
    org = Slug(slug_field="slug", read_only=True)
    sg = Slug(
        slug_field="slug",
        read_only=True,
        allow_null=True,
        help_text="The device's sensor graph when it was archived.",
    )
    created_by = Slug(slug_field="slug", read_only=True, allow_null=True)
    pid = serializers.UUIDField(
        read_only=True,
        allow_null=True,
        help_text="The operation that archives it; `pid/` returns its progress.",
    )

    class Meta:
        model = DataBlock
        fields = (
            "id",
            "slug",
            "title",
            "description",
            "block",
            "org",
            "sg",
            "created_on",
            "created_by",
            "pid",
        )
        read_only_fields = fields


class BlockStreamCount(serializers.Serializer[Any]):
    data_cnt = serializers.IntegerField(source="readings")
    event_cnt = serializers.IntegerField(source="events")
    has_streamid = serializers.BooleanField(
        source="declared", help_text="False: a system stream that only reports made; see `stream/?system=1`."
    )


class BlockExtraOutput(BlockOutput):
    stream_counts = serializers.DictField(
        child=BlockStreamCount(), read_only=True, help_text="What its streams hold, by slug."
    )

    class Meta:
        model = DataBlock
        fields = (*BlockOutput.Meta.fields, "stream_counts")
        read_only_fields = fields


class BlockInput(StrictInput):
    ignored: ClassVar[frozenset[str]] = frozenset(
        {"id", "slug", "block", "org", "sg", "created_on", "created_by", "pid", "device", "stream_counts"}
    )

    title = serializers.CharField(max_length=100)
    description = serializers.CharField(max_length=10_000, allow_blank=True, required=False)


class DeviceAfterwards(StrictInput):
    state = serializers.ChoiceField(
        choices=_AFTER, default=DeviceState.ACTIVE.value, help_text="N0: inactive. N1: active."
    )
    label = serializers.CharField(  # type: ignore[assignment]  # a field of the body, not of the form
        max_length=100, allow_blank=True, default=""
    )


class OnComplete(StrictInput):
    device = DeviceAfterwards(required=False)


class NewBlockInput(BlockInput):
    ignored: ClassVar[frozenset[str]] = frozenset()

    device = serializers.CharField(max_length=40, help_text="The slug of the device to archive.")
    on_complete = OnComplete(required=False, help_text="State and label of the device afterwards.")


class MaskInput(StrictInput):
    ignored: ClassVar[frozenset[str]] = frozenset({"events", "data"})

    start = StoredMomentField(
        required=False, allow_null=True, help_text="Shown from this time on; null: from the first."
    )
    end = StoredMomentField(
        required=False, allow_null=True, help_text="Shown up to this time; null: to the last."
    )


class MaskOutput(serializers.Serializer[Any]):
    start = serializers.DateTimeField(allow_null=True)
    end = serializers.DateTimeField(allow_null=True)


class MaskChangedOutput(MaskOutput):
    events = serializers.IntegerField(help_text="Events that are shown.")
    data = serializers.IntegerField(  # type: ignore[assignment]  # a field of the body, not of the form
        help_text="Readings that are shown."
    )


class DeletionScheduled(serializers.Serializer[Any]):
    delete = serializers.CharField(help_text="`scheduled`")
    pid = serializers.UUIDField(help_text="Of the operation; `pid/` returns its progress.")
