from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0002_vacuum_the_job_table_early")]

    operations = [
        migrations.CreateModel(
            name="DurableEntry",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("value", models.JSONField()),
                ("expires_on", models.DateTimeField(help_text="Null: it stays.", null=True)),
            ],
            options={"indexes": [models.Index(models.F("expires_on"), name="durable_entry_first_to_go")]},
        ),
    ]
