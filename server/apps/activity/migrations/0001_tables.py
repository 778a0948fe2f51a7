import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.conf import settings
from django.db import migrations, models

from server.core.migrating import CreateModels


class Migration(migrations.Migration):
    initial = True
    dependencies = [("accounts", "0001_tables")]
    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Change",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("transaction", models.BigIntegerField(editable=False)),
                        (
                            "org",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="changes",
                                to="accounts.org",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                help_text="What kind of object, for instance device.", max_length=30
                            ),
                        ),
                        ("ref", models.CharField(help_text="Its slug, or its id.", max_length=80)),
                        (
                            "verb",
                            models.CharField(
                                choices=[
                                    ("created", "Created"),
                                    ("changed", "Changed"),
                                    ("deleted", "Deleted"),
                                ],
                                max_length=8,
                            ),
                        ),
                        (
                            "event",
                            models.CharField(
                                help_text="What was done, for instance claim-device.", max_length=40
                            ),
                        ),
                        ("details", models.JSONField(blank=True, default=dict, help_text="Never a secret.")),
                        (
                            "audited",
                            models.BooleanField(
                                default=False,
                                help_text="Of rights, keys, ownership or software: part of the audit trail.",
                            ),
                        ),
                        ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        (
                            "by",
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
                        "ordering": ["transaction", "id"],
                        "indexes": [
                            models.Index(fields=["org", "transaction", "id"], name="change_by_org_and_order"),
                            models.Index(
                                condition=models.Q(("audited", True)),
                                fields=["org", "-id"],
                                name="audit_trail_by_org",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Operation",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "org",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="operations",
                                to="accounts.org",
                            ),
                        ),
                        ("kind", models.CharField(help_text="The name of its Action.", max_length=40)),
                        (
                            "target",
                            models.CharField(help_text="The slug of what it works on.", max_length=80),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("scheduled", "Waiting"),
                                    ("running", "Running"),
                                    ("done", "Done"),
                                    ("failed", "Failed"),
                                ],
                                default="scheduled",
                                max_length=10,
                            ),
                        ),
                        ("percent", models.PositiveSmallIntegerField(default=0)),
                        (
                            "message",
                            models.CharField(
                                blank=True, help_text="What came of it, or what went wrong.", max_length=300
                            ),
                        ),
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
                        ("finished_on", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ["-created_on"],
                        "indexes": [
                            models.Index(fields=["org", "target", "-created_on"], name="operation_by_target")
                        ],
                    },
                ),
            ]
        )
    ]
