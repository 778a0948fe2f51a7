"""Small large parts of events are in their rows, the others of one report in one object. The index
finds the events of an object."""

from django.db import migrations

ADD = """
ALTER TABLE event ADD COLUMN data text, ADD COLUMN object_start bigint, ADD COLUMN object_size integer;
COMMENT ON COLUMN event.data IS 'the large part as JSON, if it is small; otherwise it is an object or a part of one';
CREATE INDEX event_by_object ON event (object_key) WHERE object_key IS NOT NULL;
"""
REMOVE = """
DROP INDEX event_by_object;
ALTER TABLE event DROP COLUMN data, DROP COLUMN object_start, DROP COLUMN object_size;
"""


class Migration(migrations.Migration):
    dependencies = [("streams", "0004_built_in_catalogue")]

    operations = [migrations.RunSQL(ADD, REMOVE, hints={"database": "streamdata"})]
