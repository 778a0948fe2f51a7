"""Since when the web processes listen, for the health of devices."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0012_idempotent_answers_know_rights")]

    operations = [
        migrations.CreateModel(
            name="Listening",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("since", models.DateTimeField()),
                ("seen_on", models.DateTimeField()),
            ],
        ),
    ]
