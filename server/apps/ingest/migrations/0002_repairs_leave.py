"""For `lifecycle`, which takes the table as it is."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ingest", "0001_tables")]
    operations = [migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("Repair")])]
