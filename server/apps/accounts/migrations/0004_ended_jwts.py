from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_org_avatar")]

    operations = [
        migrations.CreateModel(
            name="EndedJwt",
            fields=[
                ("family", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "expires_on",
                    models.DateTimeField(help_text="When the last of them would have ended by itself."),
                ),
            ],
            options={"indexes": [models.Index(models.F("expires_on"), name="ended_jwt_first_to_go")]},
        ),
    ]
