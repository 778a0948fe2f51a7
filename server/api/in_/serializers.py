"""Serializers of values under names. The bodies that come in are read by `server.lib.named_values`;
these document them."""

from typing import Any

from rest_framework import serializers


class InQuery(serializers.Serializer[Any]):
    round = serializers.BooleanField(
        default=False,
        help_text="Keep a value that has more decimals than its variable as the nearest one, instead of refusing it.",
    )


class NamedVariableOutput(serializers.Serializer[Any]):
    slug = serializers.CharField(help_text="Of the variable.")
    stream = serializers.CharField(help_text="Slug of the device's stream of it.")
    unit = serializers.CharField(allow_blank=True)
    decimals = serializers.IntegerField(
        allow_null=True,
        help_text="How many digits after the point are kept. Null: the variable has factors or units of its own.",
    )


class StoredValuesOutput(serializers.Serializer[Any]):
    stored = serializers.IntegerField()
    duplicates = serializers.IntegerField(
        help_text="Values that were there already, with the same name and time."
    )
    variables = serializers.DictField(child=NamedVariableOutput(), help_text="By name.")


class LatestValueOutput(serializers.Serializer[Any]):
    value = serializers.FloatField(allow_null=True)
    ts = serializers.DateTimeField()
    unit = serializers.CharField(allow_blank=True)


class DeviceStateOutput(serializers.Serializer[Any]):
    device = serializers.CharField(help_text="Its slug.")
    now = serializers.DateTimeField(help_text="The server's time.")
    values = serializers.DictField(child=LatestValueOutput(), help_text="The latest by name.")
    settings = serializers.DictField(help_text="The configuration of the device, by name, without secrets.")
