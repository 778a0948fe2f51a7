"""The queue's tables. `Job` and `DeadJob` belong to the PostgreSQL back end, the rest to every one."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from server.core.queue.base import Outcome


class Job(models.Model):
    """A message that waits or is in hand. Written and read by the SQL of `postgres.py` only.

    `available_on` is the time from which a worker may take it: after its delay, or after the visibility time of the worker
    that has it. Rows behind a job of their own key that is in hand are `blocked`: they step out of the line, so that taking
    the next job costs the same however many of them wait.
    """

    body = models.TextField()
    key = models.TextField(default="", db_default="")
    available_on = models.DateTimeField(db_default=Now())
    attempt = models.PositiveIntegerField(default=0, db_default=0)
    deferred = models.PositiveIntegerField(default=0, db_default=0)
    in_hand = models.BooleanField(default=False, db_default=False)
    blocked = models.BooleanField(default=False, db_default=False)

    class Meta:
        app_label = "core"
        indexes = [
            models.Index("available_on", "id", name="job_line", condition=models.Q(blocked=False)),
            models.Index(
                "key",
                models.F("in_hand").desc(),
                "id",
                name="job_first_of_key",
                condition=models.Q(blocked=False) & ~models.Q(key=""),
            ),
            models.Index("key", "id", name="job_blocked", condition=models.Q(blocked=True)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="job_one_in_hand_per_key",
                condition=models.Q(in_hand=True) & ~models.Q(key=""),
            )
        ]

    def __str__(self) -> str:
        return self.body


class DeadJob(models.Model):
    """A message that went to the dead letters."""

    body = models.TextField()
    action = models.TextField(default="", db_default="")
    attempts = models.PositiveIntegerField()
    reason = models.TextField()
    died_on = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "core"

    def __str__(self) -> str:
        return f"{self.action or 'unreadable'}: {self.reason}"


class OutboxMessage(models.Model):
    """A message on its way to a queue outside the core database; gone once it is there."""

    id = models.UUIDField(primary_key=True)
    body = models.TextField()
    due_on = models.DateTimeField()
    created_on = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "core"
        indexes = [models.Index("created_on", name="outbox_oldest")]

    def __str__(self) -> str:
        return self.body


class PeriodicRun(models.Model):
    """When a periodic job was last posted. Who moves `last_on` posts it, so several workers agree on one."""

    name = models.TextField(primary_key=True)
    last_on = models.DateTimeField()

    class Meta:
        app_label = "core"

    def __str__(self) -> str:
        return self.name


class JobLog(models.Model):
    """One run of a job."""

    OUTCOMES: ClassVar[list[tuple[str, str]]] = [(outcome.value, outcome.name.title()) for outcome in Outcome]

    message_id = models.TextField()
    action = models.TextField()
    arguments = models.JSONField()
    attempt = models.PositiveIntegerField()
    outcome = models.TextField(choices=OUTCOMES)
    detail = models.TextField(default="", db_default="")
    duration_ms = models.FloatField()
    finished_on = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "core"
        indexes = [models.Index("finished_on", name="joblog_finished")]

    def __str__(self) -> str:
        return f"{self.action} {self.outcome}"
