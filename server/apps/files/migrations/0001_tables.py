import django.db.models.deletion
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
                    name="StoredFile",
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
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="files",
                                to="accounts.org",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("note", "Attachment of a note"),
                                    ("event", "Payload of an event"),
                                    ("image", "Picture"),
                                    ("sgf", "Sensor graph file"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("title", models.CharField(help_text="The file name as it came.", max_length=200)),
                        ("content_type", models.CharField(blank=True, max_length=100)),
                        ("object_key", models.CharField(max_length=200, unique=True)),
                        ("size_bytes", models.PositiveBigIntegerField(blank=True, null=True)),
                        ("uploaded_on", models.DateTimeField(blank=True, null=True)),
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
                        "ordering": ["-created_on"],
                    },
                ),
            ]
        )
    ]
