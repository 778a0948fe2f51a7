"""Credentials of the API that outlive a session."""

import uuid

from django.conf import settings
from django.db import models


class ApiToken(models.Model):
    """`Authorization: Token …`. Only its SHA-256 is stored: the token itself is shown once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=50, blank=True, help_text="What it is for, as its owner says.")
    digest = models.CharField(max_length=64, unique=True)
    expires_on = models.DateTimeField()
    revoked_on = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateTimeField(null=True, blank=True)
    created_on = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_on"]

    def __str__(self) -> str:
        return f"token {self.id} of {self.user_id}"


class EndedJwt(models.Model):
    """A JWT that was signed out, with all that it was refreshed from and to: they share a
    family."""

    family = models.UUIDField(primary_key=True)
    expires_on = models.DateTimeField(help_text="When the last of them would have ended by itself.")

    class Meta:
        indexes = [models.Index("expires_on", name="ended_jwt_first_to_go")]

    def __str__(self) -> str:
        return str(self.family)
