"""A virtual stream: one name for what several streams measured, one after the other."""

from django.conf import settings
from django.db import models

from server.apps.accounts.models import Org
from server.apps.streams.models.stream import StreamId


class StreamAlias(models.Model):
    id = models.BigAutoField(primary_key=True)
    slug = models.CharField(max_length=24, unique=True)
    name = models.CharField(max_length=64)
    org = models.ForeignKey(Org, models.CASCADE, related_name="aliases")
    created_on = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class StreamAliasTap(models.Model):
    """From this time on the alias is this stream, until its next tap."""

    id = models.BigAutoField(primary_key=True)
    alias = models.ForeignKey(StreamAlias, models.CASCADE, related_name="taps")
    timestamp = models.DateTimeField()
    stream = models.ForeignKey(StreamId, models.CASCADE, related_name="+")
    created_on = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["alias", "timestamp"]
        constraints = [
            models.UniqueConstraint(fields=["alias", "timestamp"], name="one_tap_an_alias_and_time")
        ]

    def __str__(self) -> str:
        return f"{self.alias_id} from {self.timestamp}"
