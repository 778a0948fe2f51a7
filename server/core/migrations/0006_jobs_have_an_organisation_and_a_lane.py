from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0005_mails_that_people_cause")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="org",
            field=models.TextField(
                db_default="", default="", help_text="Whose work it is; empty: the installation's own."
            ),
        ),
        migrations.AddField(
            model_name="job",
            name="long",
            field=models.BooleanField(
                db_default=False, default=False, help_text="Whether it waits in the lane of long jobs."
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                models.F("long"),
                models.F("org"),
                models.F("available_on"),
                models.F("id"),
                condition=models.Q(("blocked", False)),
                name="job_turn",
            ),
        ),
    ]
