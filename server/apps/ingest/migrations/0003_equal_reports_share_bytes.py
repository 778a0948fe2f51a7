from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ingest", "0002_repairs_leave")]

    operations = [
        migrations.AlterField(
            model_name="streamerreport",
            name="object_key",
            field=models.CharField(
                db_index=True, help_text="Equal reports of a streamer share their bytes.", max_length=160
            ),
        ),
    ]
