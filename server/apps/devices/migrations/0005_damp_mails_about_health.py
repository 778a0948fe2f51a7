"""What damps the mails about a device that falls silent and reports again in turn."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("devices", "0004_outside_recipients")]

    operations = [
        migrations.AddField(
            model_name="device",
            name="reporting_since",
            field=models.DateTimeField(
                blank=True, help_text="The first report after its last silence.", null=True
            ),
        ),
        migrations.AddField(
            model_name="device",
            name="health_mails_on",
            field=models.DateField(
                blank=True, help_text="The day (UTC) that health_mails counts.", null=True
            ),
        ),
        migrations.AddField(
            model_name="device",
            name="health_mails",
            field=models.PositiveSmallIntegerField(default=0, db_default=0),
        ),
    ]
