"""Credentials of programs that act for an organisation."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from server.apps.accounts.models.org import Org


class OrgApiKey(models.Model):
    """`Authorization: Api-Key <prefix>.<secret>`. Only the SHA-256 of the whole is stored: the key
    itself is shown once."""

    class Scope(models.TextChoices):
        CATALOGUE = "catalogue", "Read the catalogue"
        PRODUCTION = "production", "Read devices in production"
        PRODUCTION_KEYS = "production-keys", "Read the keys of devices in production"
        VIRTUAL_DEVICES = "virtual-devices", "Make virtual devices"
        UPLOAD = "upload", "Bring reports of the organisation's devices"

    PREFIX_LENGTH: ClassVar[int] = 8
    SECRET_LENGTH: ClassVar[int] = 32

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    org = models.ForeignKey(Org, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=50)
    prefix = models.CharField(max_length=8, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope.choices), default=list)
    expires_on = models.DateTimeField(null=True, blank=True)
    revoked_on = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateTimeField(null=True, blank=True)
    created_on = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-created_on"]

    def __str__(self) -> str:
        return f"{self.prefix} of {self.org_id}"
