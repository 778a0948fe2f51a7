from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0007_keep_no_statistics_of_jobs")]

    operations = [
        migrations.CreateModel(
            name="SmallObject",
            fields=[
                ("key", models.CharField(max_length=160, primary_key=True, serialize=False)),
                ("content", models.BinaryField()),
            ],
        ),
    ]
