"""Serializers of the statistics of an installation."""

from typing import Any

from rest_framework import serializers


class DaysInput(serializers.Serializer[Any]):
    days = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=36_500,
        help_text="Count only what was created in so many days.",
    )
    history = serializers.IntegerField(
        required=False, min_value=1, max_value=3660, help_text="With the daily counts of so many days before."
    )


class DayCountsOutput(serializers.Serializer[Any]):
    day = serializers.DateField(help_text="Of UTC; its last count.")
    stats = serializers.DictField(child=serializers.IntegerField())


class StatisticsOutput(serializers.Serializer[Any]):
    now = serializers.DateTimeField()
    days = serializers.IntegerField(allow_null=True)
    stats = serializers.DictField(
        child=serializers.IntegerField(), help_text="Users, Orgs, Projects, ActiveDevices and so on."
    )
    history = DayCountsOutput(many=True, help_text="The oldest first; empty unless it is asked for.")
