"""Serializers of the feed of changes."""

from typing import Any

from rest_framework import serializers

from server.apps.activity.models import Change


class ChangeOutput(serializers.ModelSerializer[Change]):
    event = serializers.CharField(read_only=True, help_text="What was done, such as claim-device.")
    by = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True, allow_null=True)
    details = serializers.DictField(read_only=True)

    class Meta:
        model = Change
        fields = ("id", "at", "kind", "ref", "verb", "event", "by", "details")
        read_only_fields = fields


class ChangesQuery(serializers.Serializer[Any]):
    org = serializers.SlugField(max_length=60)
    cursor = serializers.CharField(
        max_length=100,
        required=False,
        default="",
        help_text="From the previous answer; without one the feed starts at the beginning.",
    )
    limit = serializers.IntegerField(min_value=1, max_value=1000, required=False, default=100)


class ChangesOutput(serializers.Serializer[Any]):
    results = ChangeOutput(many=True)
    cursor = serializers.CharField(help_text="For the next request.")
    more = serializers.BooleanField(help_text="There is more to read right now.")
