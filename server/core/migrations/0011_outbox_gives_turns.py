from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0010_browser_sessions")]

    operations = [
        migrations.AddField(
            model_name="outboxmessage",
            name="org",
            field=models.CharField(db_default="", default="", max_length=40),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="lane",
            field=models.CharField(db_default="", default="", max_length=10),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="sent_on",
            field=models.DateTimeField(help_text="Null: not yet, or held back.", null=True),
        ),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(
                models.F("org"),
                models.F("lane"),
                models.F("sent_on"),
                models.F("created_on"),
                name="outbox_turns",
            ),
        ),
    ]
