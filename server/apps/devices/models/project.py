import uuid

from django.conf import settings
from django.db import models

from server.apps.accounts.models import Org


class Project(models.Model):
    """Devices of one organisation that measure the same things."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    gid = models.BigIntegerField(unique=True, help_text="From the database sequence devices_project_gid.")
    slug = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=50)
    about = models.CharField(max_length=400, blank=True)
    org = models.ForeignKey(Org, models.CASCADE, related_name="projects")
    is_template = models.BooleanField(default=False)
    created_on = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["org__name", "name", "gid"]

    def __str__(self) -> str:
        return self.name
