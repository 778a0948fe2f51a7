"""Organisation templates: which pages and words an organisation has. For the clients, which read
`extra_data`."""

import uuid

from django.conf import settings
from django.db import models


class OrgTemplate(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=60)
    slug = models.SlugField(max_length=80, unique=True)
    major_version = models.PositiveSmallIntegerField(default=0)
    minor_version = models.PositiveSmallIntegerField(default=0)
    patch_version = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)
    extra_data = models.JSONField(default=dict, blank=True)
    created_on = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "major_version", "minor_version", "patch_version"],
                name="one_org_template_a_name_and_version",
            )
        ]

    def __str__(self) -> str:
        return self.slug
