"""What a repair changed, so that it can be taken back; and where packets and the readings of events are found by number;
and the reports whose times are not final.

Few readings are in the first index: words of packets by reading id, and by their word those that tell when an event was. For
all others it costs a look at their kind. (stream-data database)
"""

from django.db import migrations

TABLES = """
CREATE TABLE repaired_row (
    repair uuid NOT NULL,
    place bigint GENERATED ALWAYS AS IDENTITY,
    stream_key integer NOT NULL,
    seq bigint NOT NULL,
    is_event boolean NOT NULL,
    before jsonb,
    after jsonb,
    PRIMARY KEY (repair, place)
);
COMMENT ON TABLE repaired_row IS 'a row before and after a repair; null: there was none';

CREATE INDEX reading_by_stream_and_number ON reading
    (stream_key, (CASE WHEN kind = 5 THEN int_value::bigint & 4294967295 ELSE seq END)) WHERE kind >= 2;
CREATE INDEX event_by_stream_and_id ON event (stream_key, seq);

CREATE TABLE open_report (
    report uuid PRIMARY KEY,
    device_id bigint NOT NULL,
    streamer_key bigint NOT NULL,
    selector integer NOT NULL,
    first_id bigint NOT NULL,
    last_id bigint NOT NULL,
    reach_from bigint NOT NULL,
    reach_to bigint NOT NULL,
    received_us bigint NOT NULL,
    sent_s bigint NOT NULL,
    previous_boot_us bigint,
    first_us bigint NOT NULL,
    last_us bigint NOT NULL,
    cut boolean NOT NULL
);
CREATE INDEX open_report_by_device ON open_report (device_id, reach_to);
COMMENT ON TABLE open_report IS 'a stored report whose times depend on reboots that other reports bring';
ALTER TABLE streamer_progress ADD last_report bigint;
COMMENT ON COLUMN streamer_progress.last_report IS 'the own id of the report that last_received is of';
"""

DROP = """
ALTER TABLE streamer_progress DROP last_report;
DROP TABLE open_report;
DROP INDEX event_by_stream_and_id;
DROP INDEX reading_by_stream_and_number;
DROP TABLE repaired_row;
"""


class Migration(migrations.Migration):
    dependencies = [("streams", "0005_built_in_catalogue")]
    operations = [migrations.RunSQL(TABLES, DROP, hints={"database": "streamdata"})]
