"""Whether a name that a device of the project sends for the first time makes a variable."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("devices", "0005_damp_mails_about_health")]

    operations = [
        migrations.AddField(
            model_name="project",
            name="names_make_variables",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="A name that its devices send for the first time makes a variable; else it is refused.",
            ),
        ),
    ]
