import django.db.models.functions.datetime
from django.db import migrations, models

from server.core.migrating import CreateModels


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("core", "0001_job_queue"),
        ("core", "0003_idempotent_answers"),
        ("core", "0004_worker_product"),
    ]
    dependencies = []
    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Job",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("body", models.TextField()),
                        ("key", models.TextField(db_default="", default="")),
                        (
                            "available_on",
                            models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                        ),
                        ("attempt", models.PositiveIntegerField(db_default=0, default=0)),
                        ("deferred", models.PositiveIntegerField(db_default=0, default=0)),
                        ("in_hand", models.BooleanField(db_default=False, default=False)),
                        ("blocked", models.BooleanField(db_default=False, default=False)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                models.F("available_on"),
                                models.F("id"),
                                condition=models.Q(("blocked", False)),
                                name="job_line",
                            ),
                            models.Index(
                                models.F("key"),
                                models.OrderBy(models.F("in_hand"), descending=True),
                                models.F("id"),
                                condition=models.Q(("blocked", False), models.Q(("key", ""), _negated=True)),
                                name="job_first_of_key",
                            ),
                            models.Index(
                                models.F("key"),
                                models.F("id"),
                                condition=models.Q(("blocked", True)),
                                name="job_blocked",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("in_hand", True), models.Q(("key", ""), _negated=True)),
                                fields=("key",),
                                name="job_one_in_hand_per_key",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DeadJob",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("body", models.TextField()),
                        ("action", models.TextField(db_default="", default="")),
                        ("attempts", models.PositiveIntegerField()),
                        ("reason", models.TextField()),
                        (
                            "died_on",
                            models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="OutboxMessage",
                    fields=[
                        ("id", models.UUIDField(primary_key=True, serialize=False)),
                        ("body", models.TextField()),
                        ("due_on", models.DateTimeField()),
                        (
                            "created_on",
                            models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(models.F("created_on"), name="outbox_oldest")],
                    },
                ),
                migrations.CreateModel(
                    name="PeriodicRun",
                    fields=[
                        ("name", models.TextField(primary_key=True, serialize=False)),
                        ("last_on", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="JobLog",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("message_id", models.TextField()),
                        ("action", models.TextField()),
                        ("arguments", models.JSONField()),
                        ("attempt", models.PositiveIntegerField()),
                        (
                            "outcome",
                            models.TextField(
                                choices=[
                                    ("done", "Done"),
                                    ("retried", "Retried"),
                                    ("deferred", "Deferred"),
                                    ("dead", "Dead"),
                                ]
                            ),
                        ),
                        ("detail", models.TextField(db_default="", default="")),
                        ("duration_ms", models.FloatField()),
                        (
                            "finished_on",
                            models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(models.F("finished_on"), name="joblog_finished"),
                            models.Index(
                                models.F("action"),
                                models.OrderBy(models.F("finished_on"), descending=True),
                                name="joblog_by_action",
                            ),
                            models.Index(models.F("message_id"), name="joblog_by_message"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WorkerProcess",
                    fields=[
                        ("id", models.UUIDField(primary_key=True, serialize=False)),
                        ("host", models.TextField()),
                        ("pid", models.PositiveIntegerField()),
                        ("jobs_at_a_time", models.PositiveSmallIntegerField(db_default=1, default=1)),
                        (
                            "started_on",
                            models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                        ),
                        (
                            "seen_on",
                            models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                        ),
                        ("stopped_on", models.DateTimeField(blank=True, null=True)),
                        (
                            "in_hand",
                            models.JSONField(
                                db_default=[],
                                default=list,
                                help_text='[{"action", "id", "since"}] of the jobs it runs.',
                            ),
                        ),
                        ("done", models.PositiveBigIntegerField(db_default=0, default=0)),
                        (
                            "failed",
                            models.PositiveBigIntegerField(
                                db_default=0, default=0, help_text="Runs that did not end in done."
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(models.F("seen_on"), name="worker_seen")],
                    },
                ),
                migrations.CreateModel(
                    name="QueuePause",
                    fields=[
                        (
                            "id",
                            models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                        ),
                        ("reason", models.TextField(db_default="", default="")),
                        (
                            "paused_by",
                            models.TextField(
                                db_default="", default="", help_text="The slug of the operator's account."
                            ),
                        ),
                        (
                            "paused_on",
                            models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("id", 1)), name="one_pause_at_most")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ActionDay",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("day", models.DateField()),
                        ("action", models.TextField()),
                        ("done", models.PositiveIntegerField(default=0)),
                        ("retried", models.PositiveIntegerField(default=0)),
                        ("deferred", models.PositiveIntegerField(default=0)),
                        ("dead", models.PositiveIntegerField(default=0)),
                        ("p50_ms", models.FloatField(help_text="Of the runs that were done.", null=True)),
                        ("p95_ms", models.FloatField(null=True)),
                        ("total_ms", models.FloatField(default=0)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("day", "action"), name="one_row_a_day_and_action")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WorkerCheck",
                    fields=[
                        ("name", models.TextField(primary_key=True, serialize=False)),
                        ("bad_since", models.DateTimeField(blank=True, null=True)),
                        ("told_on", models.DateTimeField(blank=True, null=True)),
                        (
                            "told",
                            models.PositiveBigIntegerField(
                                db_default=0, default=0, help_text="The figure that was told."
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="DailyCount",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("day", models.DateField()),
                        ("name", models.TextField()),
                        ("count", models.BigIntegerField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("day", "name"), name="one_count_a_day_and_name")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IdempotentAnswer",
                    fields=[
                        ("scope", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        (
                            "request_digest",
                            models.CharField(
                                help_text="Of the query, the type of the body and the body.", max_length=64
                            ),
                        ),
                        ("status", models.PositiveSmallIntegerField(default=0)),
                        ("content_type", models.CharField(blank=True, max_length=100)),
                        (
                            "body",
                            models.BinaryField(
                                default=bytes, help_text="Sealed: it may hold a secret that is shown once."
                            ),
                        ),
                        (
                            "created_on",
                            models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(models.F("created_on"), name="idempotent_answer_oldest")],
                    },
                ),
            ]
        )
    ]
