"""What a full reset lets a streamer send again, for its organisation only: nothing of it comes to the
next owner."""

from django.db import migrations

ADD = """
ALTER TABLE streamer_progress ADD COLUMN released int8multirange NOT NULL DEFAULT '{}';
COMMENT ON COLUMN streamer_progress.released IS 'ids that a full reset took out of covered; they return to it when the device leaves its organisation';
"""
REMOVE = "ALTER TABLE streamer_progress DROP COLUMN released"


class Migration(migrations.Migration):
    dependencies = [("streams", "0006_hours_without_huge_values")]

    operations = [migrations.RunSQL(ADD, REMOVE, hints={"database": "streamdata"})]
