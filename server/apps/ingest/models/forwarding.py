"""A report on its way to another server."""

from django.db import models

from server.apps.ingest.models.streamer import StreamerReport


class Forwarding(models.Model):
    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        FAILED = "failed", "Given up"

    report = models.OneToOneField(StreamerReport, models.CASCADE, primary_key=True, related_name="forwarding")
    url = models.CharField(max_length=400, help_text="Where to, without the key.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    answer = models.PositiveSmallIntegerField(null=True, blank=True, help_text="The last HTTP status.")
    failure = models.CharField(max_length=300, blank=True)
    created_on = models.DateTimeField(auto_now_add=True)
    sent_on = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "created_on"], name="forwarding_by_state_and_time")]

    def __str__(self) -> str:
        return f"{self.report_id} to {self.url}: {self.state}"
