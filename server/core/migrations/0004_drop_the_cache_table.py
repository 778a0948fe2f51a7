"""The cache is in Redis now. `createcachetable` made its table, so no migration knows it; its rows
were to be forgotten anyway."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("core", "0003_durable_entries")]

    operations = [migrations.RunSQL("DROP TABLE IF EXISTS core_cache", migrations.RunSQL.noop)]
