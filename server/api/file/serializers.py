from typing import Any

from rest_framework import serializers

from server.core.rest.parsing import StrictInput


class FileForm(serializers.Serializer[Any]):
    """The fields from `uploadurl/`, and the file."""

    key = serializers.CharField(max_length=200)
    policy = serializers.CharField(max_length=2000)
    file = serializers.FileField(allow_empty_file=True, max_length=1000)


class FileQuery(serializers.Serializer[Any]):
    token = serializers.CharField(max_length=500, help_text="Part of the signed URL.")


class SignInput(StrictInput):
    """A policy that the caller would like to have signed."""

    expiration = serializers.CharField(max_length=60, required=False, allow_blank=True)
    conditions = serializers.ListField(child=serializers.JSONField(), required=False, max_length=40)
    headers = serializers.CharField(max_length=4000, required=False, allow_blank=True)
