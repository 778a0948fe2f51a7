"""The table stays as `ingest` made it; only whose it is changes."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("accounts", "0001_tables"),
        ("devices", "0001_tables"),
        ("ingest", "0002_repairs_leave"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
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
                        "db_table": "ingest_repair",
                        "ordering": ["-created_on", "-id"],
                        "indexes": [
                            models.Index(fields=["device", "-created_on"], name="repair_by_device_and_time")
                        ],
                    },
                ),
            ]
        )
    ]
