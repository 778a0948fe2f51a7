"""Serializers of invitations and domains."""

from typing import Any

from rest_framework import serializers

from server.api.org.serializers.members import role_field
from server.apps.accounts.models import Invitation, OrgDomain
from server.core.rest.parsing import StrictInput


class InvitationOutput(serializers.ModelSerializer[Invitation]):
    sent_by = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)

    class Meta:
        model = Invitation
        fields = ("id", "email", "role", "sent_on", "sent_by", "expires_on")
        read_only_fields = fields


class InviteInput(StrictInput):
    email = serializers.EmailField(max_length=254)
    role = role_field()


class AcceptInput(StrictInput):
    secret = serializers.CharField(max_length=100, help_text="From the link in the mail.")


class DomainOutput(serializers.ModelSerializer[OrgDomain]):
    created_by = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)

    class Meta:
        model = OrgDomain
        fields = ("id", "name", "verified", "default_role", "created_on", "created_by")
        read_only_fields = fields


class DomainInput(StrictInput):
    ignored = frozenset({"id", "verified", "created_on", "created_by"})

    name = serializers.CharField(max_length=253, help_text="Such as example.com.")
    default_role = role_field()


class VerifyInput(StrictInput):
    ignored = frozenset({"id", "name", "default_role", "created_on", "created_by"})

    verified = serializers.BooleanField()
