"""A queue's table is small and all churn: vacuum it by the number of dead rows, not by their
share."""

from django.db import migrations

EARLY = """
    ALTER TABLE core_job SET (
        autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000
    )
"""
USUAL = """
    ALTER TABLE core_job RESET (
        autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold,
        autovacuum_analyze_scale_factor, autovacuum_analyze_threshold
    )
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_tables")]

    operations = [migrations.RunSQL(EARLY, USUAL)]
