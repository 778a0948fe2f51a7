from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("devices", "0005_built_in_catalogue")]

    operations = [
        migrations.AddField(
            model_name="device",
            name="health_changed_on",
            field=models.DateTimeField(
                blank=True, help_text="Since when last_known_state is what it is.", null=True
            ),
        )
    ]
