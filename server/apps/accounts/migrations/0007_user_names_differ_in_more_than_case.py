from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_names_and_addresses_in_one_form")]

    operations = [
        migrations.AddConstraint(
            "account",
            models.UniqueConstraint(Lower("username"), name="user_name_is_unique_in_any_case"),
        ),
    ]
