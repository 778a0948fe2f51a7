from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0011_outbox_gives_turns")]

    operations = [
        migrations.AddField(
            "idempotentanswer",
            "rights",
            models.JSONField(
                db_default={},
                default=dict,
                help_text="Of the caller, when the request was made: lists by what they are for.",
            ),
        ),
    ]
