"""Beside the tables of organisations, since files belong to organisations: theirs must be there
first."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_built_in_org_template"), ("files", "0001_tables")]
    operations = [
        migrations.AddField(
            model_name="org",
            name="avatar",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="files.storedfile",
            ),
        ),
    ]
