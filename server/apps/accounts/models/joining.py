"""Ways to join an organisation: an invitation, or the domain of one's e-mail address."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from server.apps.accounts.models.org import Org
from server.apps.accounts.models.roles import Role


class Invitation(models.Model):
    """The secret in its link is stored as a SHA-256. The id of an invitation is not enough to
    accept it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    org = models.ForeignKey(Org, models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=3, choices=Role.choices, default=Role.MEMBER)
    digest = models.CharField(max_length=64, unique=True)
    sent_on = models.DateTimeField()
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    expires_on = models.DateTimeField()
    accepted_on = models.DateTimeField(null=True, blank=True)
    created_on = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-sent_on"]
        constraints = [
            models.UniqueConstraint("org", Lower("email"), name="one_invitation_an_org_and_address")
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.org_id}"

    def is_open(self, *, now: datetime) -> bool:
        return self.accepted_on is None and now < self.expires_on


class OrgDomain(models.Model):
    """An account with a confirmed address of a verified domain joins its organisation."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    org = models.ForeignKey(Org, models.CASCADE, related_name="domains")
    name = models.CharField(max_length=253, help_text="Lower case, without @.")
    verified = models.BooleanField(default=False, help_text="Set by staff.")
    default_role = models.CharField(max_length=3, choices=Role.choices, default=Role.MEMBER)
    created_on = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["name"]
        constraints = [
            # Anybody may name any domain; only staff verify whose it is.
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(verified=True), name="one_org_a_verified_domain"
            ),
            models.UniqueConstraint(fields=["org", "name"], name="one_row_an_org_and_domain"),
        ]

    def __str__(self) -> str:
        return self.name
