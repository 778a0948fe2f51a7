"""The tables of the stream-data database (design, part 4). Plain SQL: no model maps them,
`store.py` is their only door.

Column order is by falling alignment, so that a reading has 40 bytes of data and no padding. Its
index has no more than 16 bytes of key: over that PostgreSQL halves pages where many streams grow
side by side, and the index doubles (docs/decisions/0003-readings-have-no-unique-key.md). Few
readings are in the second index: words of packets by reading id, and by their word those that tell
when an event was. For all others it costs a look at their kind.

First, and without a dependency: this database has none of the tables of models.
"""

from django.db import migrations

TABLES = """
CREATE TABLE reading (
    ts timestamptz NOT NULL,
    seq bigint NOT NULL,
    value double precision,
    int_value integer,
    device_ts integer,
    stream_key integer NOT NULL,
    status smallint NOT NULL,
    kind smallint NOT NULL
) PARTITION BY RANGE (ts);
CREATE INDEX reading_by_stream_and_time ON reading (stream_key, ts);
CREATE INDEX reading_by_stream_and_number ON reading
    (stream_key, (CASE WHEN kind = 5 THEN int_value::bigint & 4294967295 ELSE seq END)) WHERE kind >= 2;
COMMENT ON COLUMN reading.int_value IS 'the raw 32-bit word, as two''s complement';
COMMENT ON COLUMN reading.device_ts IS 'the raw time word of the device, as two''s complement';
CREATE TABLE reading_default PARTITION OF reading DEFAULT;

CREATE TABLE event (
    ts timestamptz NOT NULL,
    seq bigint NOT NULL,
    device_ts bigint,
    stream_key integer NOT NULL,
    status smallint NOT NULL,
    uuid uuid NOT NULL,
    extra_data jsonb NOT NULL,
    object_key text
) PARTITION BY RANGE (ts);
CREATE INDEX event_by_stream_and_time ON event (stream_key, ts);
CREATE INDEX event_by_stream_and_id ON event (stream_key, seq);
CREATE TABLE event_default PARTITION OF event DEFAULT;
CREATE INDEX event_by_uuid ON event (uuid);

CREATE TABLE rollup_hour (
    hour timestamptz NOT NULL,
    first_ts timestamptz NOT NULL,
    last_ts timestamptz NOT NULL,
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    sum double precision NOT NULL,
    min double precision NOT NULL,
    max double precision NOT NULL,
    first double precision NOT NULL,
    last double precision NOT NULL,
    stream_key integer NOT NULL,
    count integer NOT NULL,
    PRIMARY KEY (stream_key, hour)
);

CREATE TABLE latest (
    stream_key integer PRIMARY KEY,
    ts timestamptz NOT NULL,
    seq bigint NOT NULL,
    value double precision,
    int_value integer,
    status smallint NOT NULL,
    kind smallint NOT NULL,
    first_ts timestamptz NOT NULL,
    count bigint NOT NULL
) WITH (fillfactor = 70);
COMMENT ON TABLE latest IS 'the newest reading of a stream, and how many there are';

CREATE TABLE streamer_progress (
    streamer_key bigint PRIMARY KEY,
    last_id bigint NOT NULL DEFAULT 0,
    covered int8multirange NOT NULL DEFAULT '{}',
    last_received timestamptz,
    last_sent_s bigint,
    last_reboot timestamptz,
    updated_on timestamptz NOT NULL DEFAULT now(),
    last_report bigint
) WITH (fillfactor = 70);
COMMENT ON COLUMN streamer_progress.last_report IS 'the own id of the report that last_received is of';

CREATE TABLE report_ledger (
    report uuid PRIMARY KEY,
    streamer_key bigint NOT NULL,
    received integer NOT NULL,
    stored integer NOT NULL,
    duplicate integer NOT NULL,
    refused integer NOT NULL,
    reasons jsonb NOT NULL DEFAULT '{}',
    first_id bigint NOT NULL,
    last_id bigint NOT NULL,
    worked_off_on timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX report_ledger_by_streamer ON report_ledger (streamer_key, worked_off_on);

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
"""

DROP = """
DROP TABLE reading, event, rollup_hour, latest, streamer_progress, report_ledger, open_report, repaired_row;
"""


class Migration(migrations.Migration):
    initial = True
    replaces = [("streams", "0002_stream_data_tables"), ("streams", "0006_repaired_rows")]
    dependencies = []
    operations = [migrations.RunSQL(TABLES, DROP, hints={"database": "streamdata"})]
