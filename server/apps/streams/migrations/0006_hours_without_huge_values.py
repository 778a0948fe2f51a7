"""Values beyond 1e100, which were accepted before, do not count in hours any more: two of them made
every sum overflow. The readings stay as they are."""

from django.db import migrations

# First the hours that have other values, too; what is left has none.
RECOMPUTE = """
UPDATE rollup_hour AS kept SET
    (count, sum, min, max, first, last, first_ts, last_ts, first_seq, last_seq) = (
        counted.count, counted.sum, counted.min, counted.max, counted.first, counted.last,
        counted.first_ts, counted.last_ts, counted.first_seq, counted.last_seq)
FROM (
    SELECT huge.stream_key, huge.hour, count(*) AS count, sum(value) AS sum, min(value) AS min, max(value) AS max,
        (array_agg(value ORDER BY ts, seq))[1] AS first, (array_agg(value ORDER BY ts DESC, seq DESC))[1] AS last,
        (array_agg(ts ORDER BY ts, seq))[1] AS first_ts, (array_agg(ts ORDER BY ts DESC, seq DESC))[1] AS last_ts,
        (array_agg(seq ORDER BY ts, seq))[1] AS first_seq, (array_agg(seq ORDER BY ts DESC, seq DESC))[1] AS last_seq
    FROM (SELECT stream_key, hour FROM rollup_hour WHERE min < -1e100 OR max > 1e100) AS huge
    JOIN reading ON reading.stream_key = huge.stream_key
        AND ts >= hour AND ts < hour + interval '1 hour' AND value BETWEEN -1e100 AND 1e100
    GROUP BY 1, 2
) AS counted
WHERE kept.stream_key = counted.stream_key AND kept.hour = counted.hour;
DELETE FROM rollup_hour WHERE min < -1e100 OR max > 1e100;
"""


class Migration(migrations.Migration):
    dependencies = [("streams", "0005_events_keep_small_data")]

    operations = [
        migrations.RunSQL(RECOMPUTE, migrations.RunSQL.noop, hints={"database": "streamdata"}),
    ]
