import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0002_vacuum_the_job_table_early")]

    operations = [
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
            options={"indexes": [models.Index("created_on", name="idempotent_answer_oldest")]},
        ),
    ]
