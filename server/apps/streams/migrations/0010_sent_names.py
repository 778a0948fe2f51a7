"""The name under which devices send a variable, as a field of its own: people rename variables, and
boards go on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("streams", "0009_original_unit_labels")]

    operations = [
        migrations.AddField(
            model_name="streamvariable",
            name="sent_name",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The name under which devices send it to `in/`; it stays when the variable is renamed.",
                max_length=60,
            ),
        ),
        migrations.AddConstraint(
            model_name="streamvariable",
            constraint=models.UniqueConstraint(
                condition=models.Q(("sent_name", ""), _negated=True),
                fields=("project", "sent_name"),
                name="one_variable_a_project_and_sent_name",
            ),
        ),
    ]
