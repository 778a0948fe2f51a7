"""Work that takes longer than a request: its state, progress and result."""

import uuid

from django.conf import settings
from django.db import models


class Operation(models.Model):
    """Its id is the `pid` that the API returns."""

    class State(models.TextChoices):
        SCHEDULED = "scheduled", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    org = models.ForeignKey("accounts.Org", models.CASCADE, related_name="operations")
    kind = models.CharField(max_length=40, help_text="The name of its Action.")
    target = models.CharField(max_length=80, help_text="The slug of what it works on.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.SCHEDULED)
    percent = models.PositiveSmallIntegerField(default=0)
    message = models.CharField(max_length=300, blank=True, help_text="What came of it, or what went wrong.")
    created_on = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    finished_on = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_on"]
        indexes = [models.Index(fields=["org", "target", "-created_on"], name="operation_by_target")]

    def __str__(self) -> str:
        return f"{self.kind} {self.target}: {self.state}"
