"""The queue's tables. `Job` and `DeadJob` belong to the PostgreSQL back end, the rest to every
one."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from server.core.queue.contract import Outcome


class Job(models.Model):
    """A message that waits or is in flight. Read and written only by the SQL of
    `backends/postgres_statements.py`.

    `available_on` is when a worker may take it: after its delay, or after the visibility time of
    the worker that has it. Rows behind a job of their key that is in flight are `blocked` and left
    out of the index, so that claiming the next job costs the same however many of them wait.
    """

    body = models.TextField()
    key = models.TextField(default="", db_default="")
    org = models.TextField(
        default="", db_default="", help_text="Whose work it is; empty: the installation's own."
    )
    long = models.BooleanField(
        default=False, db_default=False, help_text="Whether it waits in the lane of long jobs."
    )
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
                "long", "org", "available_on", "id", name="job_turn", condition=models.Q(blocked=False)
            ),
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
    """A dead letter."""

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
    """A message on its way to a queue outside the core database; deleted once it was sent, or once
    it is done where the outbox gives the turns."""

    id = models.UUIDField(primary_key=True)
    body = models.TextField()
    due_on = models.DateTimeField()
    created_on = models.DateTimeField(db_default=Now())
    org = models.CharField(max_length=40, default="", db_default="")
    lane = models.CharField(max_length=10, default="", db_default="")
    sent_on = models.DateTimeField(null=True, help_text="Null: not yet, or held back.")

    class Meta:
        app_label = "core"
        indexes = [
            models.Index("created_on", name="outbox_oldest"),
            models.Index("org", "lane", "sent_on", "created_on", name="outbox_turns"),
        ]

    def __str__(self) -> str:
        return self.body


class PeriodicRun(models.Model):
    """When a periodic job was last posted. The worker that updates `last_on` posts it, so of
    several workers only one does."""

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
        indexes = [
            models.Index("finished_on", name="joblog_finished"),
            models.Index("action", models.F("finished_on").desc(), name="joblog_by_action"),
            models.Index("message_id", name="joblog_by_message"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.outcome}"


class WorkerProcess(models.Model):
    """The last heartbeat of a worker process. One that has not been seen for a while is gone,
    whatever its row says."""

    id = models.UUIDField(primary_key=True)
    host = models.TextField()
    pid = models.PositiveIntegerField()
    jobs_at_a_time = models.PositiveSmallIntegerField(default=1, db_default=1)
    started_on = models.DateTimeField(db_default=Now())
    seen_on = models.DateTimeField(db_default=Now())
    stopped_on = models.DateTimeField(null=True, blank=True)
    in_hand = models.JSONField(
        default=list, db_default=[], help_text='[{"action", "id", "since"}] of the jobs it runs.'
    )
    done = models.PositiveBigIntegerField(default=0, db_default=0)
    failed = models.PositiveBigIntegerField(
        default=0, db_default=0, help_text="Runs that did not end in done."
    )

    class Meta:
        app_label = "core"
        indexes = [models.Index("seen_on", name="worker_seen")]

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"


class QueuePause(models.Model):
    """While its one row is there no worker takes a message."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    reason = models.TextField(default="", db_default="")
    paused_by = models.TextField(default="", db_default="", help_text="The slug of the operator's account.")
    paused_on = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "core"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_pause_at_most")]

    def __str__(self) -> str:
        return f"paused: {self.reason}"


class ActionDay(models.Model):
    """Statistics of the jobs of one Action on one day (UTC), kept for longer than the worker
    log."""

    day = models.DateField()
    action = models.TextField()
    done = models.PositiveIntegerField(default=0)
    retried = models.PositiveIntegerField(default=0)
    deferred = models.PositiveIntegerField(default=0)
    dead = models.PositiveIntegerField(default=0)
    p50_ms = models.FloatField(null=True, help_text="Of the runs that were done.")
    p95_ms = models.FloatField(null=True)
    total_ms = models.FloatField(default=0)

    class Meta:
        app_label = "core"
        constraints = [models.UniqueConstraint(fields=["day", "action"], name="one_row_a_day_and_action")]

    def __str__(self) -> str:
        return f"{self.day} {self.action}"


class WorkerCheck(models.Model):
    """The last result of one of the worker's health checks, so that staff are notified once of an
    incident."""

    name = models.TextField(primary_key=True)
    bad_since = models.DateTimeField(null=True, blank=True)
    told_on = models.DateTimeField(null=True, blank=True)
    told = models.PositiveBigIntegerField(default=0, db_default=0, help_text="The figure that was told.")

    class Meta:
        app_label = "core"

    def __str__(self) -> str:
        return f"{self.name}: {'bad' if self.bad_since else 'good'}"


class DailyCount(models.Model):
    """How many there were of something at the end of a day (UTC)."""

    day = models.DateField()
    name = models.TextField()
    count = models.BigIntegerField()

    class Meta:
        app_label = "core"
        constraints = [models.UniqueConstraint(fields=["day", "name"], name="one_count_a_day_and_name")]

    def __str__(self) -> str:
        return f"{self.day} {self.name}: {self.count}"
