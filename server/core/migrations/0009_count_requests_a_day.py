from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0008_small_objects")]

    operations = [
        migrations.CreateModel(
            name="RequestDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("caller", models.CharField(max_length=64)),
                ("day", models.DateField()),
                ("requests", models.PositiveBigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("caller", "day"), name="one_row_a_caller_and_day")
                ],
            },
        ),
    ]
