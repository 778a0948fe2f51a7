"""The reading ids that the server gave to a device's readings, for devices that count none."""

from django.db import migrations

CREATE = """
CREATE TABLE given_id (
    device_id bigint PRIMARY KEY,
    last_id bigint NOT NULL
) WITH (fillfactor = 70);
COMMENT ON TABLE given_id IS 'the last reading id that the server gave to a reading of the device';
"""


class Migration(migrations.Migration):
    dependencies = [("streams", "0010_sent_names")]

    operations = [migrations.RunSQL(CREATE, "DROP TABLE given_id", hints={"database": "streamdata"})]
