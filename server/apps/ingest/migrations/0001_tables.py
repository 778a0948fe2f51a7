import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from server.core.migrating import CreateModels


class Migration(migrations.Migration):
    initial = True
    replaces = [("ingest", "0001_initial"), ("ingest", "0002_repairs_and_forwarding")]
    dependencies = [("accounts", "0001_tables"), ("devices", "0001_tables")]
    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Streamer",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("slug", models.CharField(max_length=32, unique=True)),
                        (
                            "device",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="streamers",
                                to="devices.device",
                            ),
                        ),
                        ("index", models.PositiveIntegerField()),
                        ("selector", models.PositiveIntegerField()),
                        ("is_system", models.BooleanField(default=False)),
                        ("process_engine_ver", models.PositiveSmallIntegerField(default=2)),
                        (
                            "has_stored",
                            models.BooleanField(
                                default=False,
                                help_text="Something of it was stored: before, clients cannot make sense of its acknowledgement.",
                            ),
                        ),
                        ("created_on", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "ordering": ["device", "index"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("device", "index"), name="one_streamer_a_device_and_index"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RefusedUpload",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "device",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="refused_uploads",
                                to="devices.device",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(help_text="A code, for instance bad-hash.", max_length=40),
                        ),
                        ("message", models.CharField(max_length=300)),
                        (
                            "offset",
                            models.BigIntegerField(
                                blank=True, help_text="The byte where it went wrong.", null=True
                            ),
                        ),
                        ("file_name", models.CharField(blank=True, max_length=120)),
                        ("size_bytes", models.PositiveIntegerField(default=0)),
                        ("object_key", models.CharField(blank=True, max_length=160)),
                        ("created_on", models.DateTimeField(auto_now_add=True)),
                        (
                            "created_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-created_on", "-id"],
                        "indexes": [
                            models.Index(fields=["device", "-created_on"], name="refusal_by_device_and_time")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Repair",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "device",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="repairs",
                                to="devices.device",
                            ),
                        ),
                        (
                            "org",
                            models.ForeignKey(
                                help_text="Whose device it was: its plan shows readings.",
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="accounts.org",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("reprocess-report", "Reprocess a report"),
                                    ("reprocess-reboot", "Recompute times before a reboot"),
                                    ("adjust-forward", "Set times from the first reading"),
                                    ("adjust-backward", "Set times from the last reading"),
                                    ("remove-duplicates", "Remove duplicates"),
                                    ("sync-event-times", "Match events to their readings"),
                                    ("rebuild-rollups", "Rebuild rollups"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("arguments", models.JSONField(default=dict)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("planned", "Planned"),
                                    ("running", "Running"),
                                    ("done", "Done"),
                                    ("undone", "Undone"),
                                    ("failed", "Failed"),
                                ],
                                default="planned",
                                max_length=8,
                            ),
                        ),
                        (
                            "plan",
                            models.JSONField(
                                default=dict,
                                help_text="What it would change: counts, first and last, a few rows.",
                            ),
                        ),
                        ("result", models.JSONField(default=dict, help_text="What it did change.")),
                        ("failure", models.CharField(blank=True, max_length=300)),
                        ("created_on", models.DateTimeField(auto_now_add=True)),
                        (
                            "created_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("done_on", models.DateTimeField(blank=True, null=True)),
                        ("undone_on", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ["-created_on", "-id"],
                        "indexes": [
                            models.Index(fields=["device", "-created_on"], name="repair_by_device_and_time")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StreamerReport",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "streamer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="reports",
                                to="ingest.streamer",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[("received", "Waiting"), ("stored", "Stored"), ("failed", "Failed")],
                                default="received",
                                max_length=10,
                            ),
                        ),
                        ("failure", models.CharField(blank=True, max_length=300)),
                        (
                            "original_first_id",
                            models.BigIntegerField(default=0, help_text="From the footer."),
                        ),
                        ("original_last_id", models.BigIntegerField(default=0, help_text="From the footer.")),
                        (
                            "actual_first_id",
                            models.BigIntegerField(
                                blank=True, help_text="What was new; 0 if nothing was.", null=True
                            ),
                        ),
                        (
                            "actual_last_id",
                            models.BigIntegerField(
                                blank=True, help_text="What was new; 0 if nothing was.", null=True
                            ),
                        ),
                        (
                            "sent_timestamp",
                            models.DateTimeField(
                                help_text="When the carrier got it from the device, by the carrier's clock."
                            ),
                        ),
                        (
                            "device_sent_timestamp",
                            models.BigIntegerField(
                                blank=True, help_text="Device uptime in seconds.", null=True
                            ),
                        ),
                        (
                            "incremental_id",
                            models.BigIntegerField(default=0, help_text="The report's own id."),
                        ),
                        ("time_epsilon", models.FloatField(default=1.0)),
                        ("count", models.PositiveIntegerField(help_text="Readings and events in the file.")),
                        ("size_bytes", models.PositiveIntegerField()),
                        ("file_name", models.CharField(blank=True, max_length=120)),
                        ("object_key", models.CharField(max_length=160, unique=True)),
                        ("created_on", models.DateTimeField(auto_now_add=True)),
                        (
                            "created_by",
                            models.ForeignKey(
                                blank=True,
                                help_text="Null: the device.",
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "requeued_on",
                            models.DateTimeField(
                                blank=True,
                                help_text="When it got another job, because it waited for so long.",
                                null=True,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-created_on", "-id"],
                        "indexes": [
                            models.Index(
                                fields=["streamer", "-created_on"], name="report_by_streamer_and_time"
                            ),
                            models.Index(
                                models.F("created_on"),
                                condition=models.Q(("status", "received")),
                                name="report_waiting",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Forwarding",
                    fields=[
                        (
                            "report",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="forwarding",
                                serialize=False,
                                to="ingest.streamerreport",
                            ),
                        ),
                        ("url", models.CharField(help_text="Where to, without the key.", max_length=400)),
                        (
                            "state",
                            models.CharField(
                                choices=[("waiting", "Waiting"), ("sent", "Sent"), ("failed", "Given up")],
                                default="waiting",
                                max_length=8,
                            ),
                        ),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        (
                            "answer",
                            models.PositiveSmallIntegerField(
                                blank=True, help_text="The last HTTP status.", null=True
                            ),
                        ),
                        ("failure", models.CharField(blank=True, max_length=300)),
                        ("created_on", models.DateTimeField(auto_now_add=True)),
                        ("sent_on", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["state", "created_on"], name="forwarding_by_state_and_time")
                        ],
                    },
                ),
            ]
        )
    ]
