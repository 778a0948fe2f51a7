"""Serializers of a device's health."""

from typing import Any, ClassVar

from rest_framework import serializers

from server.apps.devices.models import HealthState
from server.apps.devices.services.health import LONGEST_PERIOD_S, MAX_RECIPIENTS, SHORTEST_PERIOD_S
from server.core.rest.parsing import StrictInput


class HealthOutput(serializers.Serializer[Any]):
    alert = serializers.ChoiceField(
        choices=HealthState.choices,
        help_text="How it is now: OK, FAIL, UNK (never reported), DSBL (not watched).",
    )
    last_report_ts = serializers.DateTimeField(allow_null=True, help_text="By our clock.")
    last_known_id = serializers.IntegerField(help_text="The highest acknowledgement of its streamers.")
    last_known_state = serializers.ChoiceField(
        choices=HealthState.choices, help_text="The state of the last notification."
    )
    health_check_enabled = serializers.BooleanField()
    health_check_period = serializers.IntegerField(help_text="Seconds of silence until it counts as failed.")
    notification_recipients = serializers.ListField(child=serializers.CharField())


class HealthInput(StrictInput):
    ignored: ClassVar[frozenset[str]] = frozenset(
        {"alert", "last_report_ts", "last_known_id", "last_known_state"}
    )

    health_check_enabled = serializers.BooleanField(required=False)
    health_check_period = serializers.IntegerField(
        required=False,
        min_value=SHORTEST_PERIOD_S,
        max_value=LONGEST_PERIOD_S,
        help_text="Seconds: a minute to 31 days.",
    )
    notification_recipients = serializers.ListField(
        child=serializers.CharField(max_length=254),
        required=False,
        max_length=MAX_RECIPIENTS,
        help_text="`email:<address>`, `user:<account>` of a member, `org:admin`, `org:all`.",
    )


class FilterLogOutput(serializers.Serializer[Any]):
    device_filter_logs = serializers.ListField(
        child=serializers.DictField(), help_text="Empty until there are stream filters."
    )
