"""Serializers of an organisation's API keys."""

from typing import Any

from rest_framework import serializers

from server.apps.accounts.models import OrgApiKey
from server.core.rest.moments import StoredMomentField
from server.core.rest.parsing import StrictInput


class ApiKeyOutput(serializers.ModelSerializer[OrgApiKey]):
    created_by = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)

    class Meta:
        model = OrgApiKey
        fields: tuple[str, ...] = (
            *("id", "name", "prefix", "scopes", "expires_on", "revoked_on", "last_used_on"),
            *("created_on", "created_by"),
        )
        read_only_fields = fields


class NewApiKeyOutput(ApiKeyOutput):
    """For the documentation: a new key with its secret."""

    key = serializers.CharField(read_only=True, help_text="Not shown again, and not stored.")

    class Meta(ApiKeyOutput.Meta):
        fields = (*ApiKeyOutput.Meta.fields, "key")


class ApiKeyInput(StrictInput):
    name = serializers.CharField(max_length=50)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=OrgApiKey.Scope.choices), allow_empty=False, max_length=20
    )
    expires_on = StoredMomentField(
        required=False, allow_null=True, default=None, help_text="Null: valid until it is revoked."
    )
