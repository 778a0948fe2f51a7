"""A company or part of one, and who belongs to it."""

import uuid

from django.conf import settings
from django.db import models

from server.apps.accounts.models.roles import ROLE_NAMES, Role
from server.apps.accounts.models.template import OrgTemplate


class Org(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=50, unique=True)
    slug = models.SlugField(max_length=60, unique=True)
    about = models.CharField(max_length=400, blank=True)
    ot = models.ForeignKey(OrgTemplate, models.SET_NULL, null=True, blank=True, related_name="orgs")
    avatar = models.ForeignKey("files.StoredFile", models.SET_NULL, null=True, blank=True, related_name="+")
    is_vendor = models.BooleanField(default=False, help_text="Makes devices that other organisations use.")
    created_on = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    users = models.ManyToManyField(settings.AUTH_USER_MODEL, through="OrgMembership", related_name="orgs")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> str:
        """How other objects name an organisation: `^north-water`."""
        return f"^{self.slug}"


class OrgMembership(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    org = models.ForeignKey(Org, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=3, choices=Role.choices, default=Role.MEMBER)
    is_active = models.BooleanField(default=True)
    is_org_admin = models.BooleanField(default=False)
    permissions = models.JSONField(
        default=dict, help_text="The role's row of the matrix, with this person's exceptions."
    )
    created_on = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_on"]
        constraints = [
            models.UniqueConstraint(fields=["org", "user"], name="one_membership_a_person_and_org")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.org_id} as {self.role}"

    @property
    def role_name(self) -> str:
        return ROLE_NAMES.get(self.role, self.role)

    @property
    def is_current(self) -> bool:
        return self.is_active and self.role != Role.DEREGISTERED

    def may(self, permission: str) -> bool:
        return self.is_current and bool(self.permissions.get(permission))
