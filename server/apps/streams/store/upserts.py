"""SQL that adds readings to hours and latest values. Numbers are literals, for speed."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.apps.streams.store.batch import ReadingBatch
from server.lib.timeseries import hour_rollup


def rollup_sql(batch: ReadingBatch) -> str:
    """Return SQL that adds the readings to their hours."""
    numbers = ~np.isnan(batch.value)
    if not numbers.any():
        return "SELECT"
    rollup = hour_rollup(
        batch.stream_key[numbers], batch.ts_us[numbers], batch.value[numbers], batch.reading_id[numbers]
    )
    earlier = "(excluded.first_ts, excluded.first_seq) < (r.first_ts, r.first_seq)"
    later = "(excluded.last_ts, excluded.last_seq) > (r.last_ts, r.last_seq)"
    return f"""
        INSERT INTO rollup_hour AS r (stream_key, hour, count, sum, min, max, first, last, first_ts, last_ts,
            first_seq, last_seq)
        SELECT * FROM unnest(
            {array_sql(rollup.stream_key)}::int[], {times_sql(rollup.hour_us)}, {array_sql(rollup.count)}::int[],
            {array_sql(rollup.sum)}::float8[], {array_sql(rollup.min)}::float8[], {array_sql(rollup.max)}::float8[],
            {array_sql(rollup.first)}::float8[], {array_sql(rollup.last)}::float8[],
            {times_sql(rollup.first_us)}, {times_sql(rollup.last_us)},
            {array_sql(rollup.first_id)}::bigint[], {array_sql(rollup.last_id)}::bigint[])
        ON CONFLICT (stream_key, hour) DO UPDATE SET
            count = r.count + excluded.count,
            sum = r.sum + excluded.sum,
            min = least(r.min, excluded.min),
            max = greatest(r.max, excluded.max),
            first = CASE WHEN {earlier} THEN excluded.first ELSE r.first END,
            first_ts = CASE WHEN {earlier} THEN excluded.first_ts ELSE r.first_ts END,
            first_seq = CASE WHEN {earlier} THEN excluded.first_seq ELSE r.first_seq END,
            last = CASE WHEN {later} THEN excluded.last ELSE r.last END,
            last_ts = CASE WHEN {later} THEN excluded.last_ts ELSE r.last_ts END,
            last_seq = CASE WHEN {later} THEN excluded.last_seq ELSE r.last_seq END
        """


def latest_sql(batch: ReadingBatch) -> str:
    """Return SQL that adds the readings to the latest values and counts."""
    rows = batch.in_key_order()
    ends = np.flatnonzero(np.append(rows.stream_key[1:] != rows.stream_key[:-1], True))
    starts = np.append(0, ends[:-1] + 1)
    newest = rows.where(ends)
    return f"""
        INSERT INTO latest AS l (stream_key, ts, seq, value, int_value, status, kind, first_ts, count)
        SELECT * FROM unnest(
            {array_sql(newest.stream_key)}::int[], {times_sql(newest.ts_us)}, {array_sql(newest.reading_id)}::bigint[],
            {array_sql(newest.value)}::float8[], {words_sql(newest)}::int[],
            {array_sql(newest.status)}::smallint[], {array_sql(newest.kind)}::smallint[],
            {times_sql(rows.ts_us[starts])}, {array_sql(ends - starts + 1)}::bigint[])
        ON CONFLICT (stream_key) DO UPDATE SET
            (ts, seq, value, int_value, status, kind) = (
                SELECT n.ts, n.seq, n.value, n.int_value, n.status, n.kind
                FROM (VALUES (l.ts, l.seq, l.value, l.int_value, l.status, l.kind),
                             (excluded.ts, excluded.seq, excluded.value, excluded.int_value, excluded.status, excluded.kind))
                     AS n (ts, seq, value, int_value, status, kind)
                ORDER BY n.ts DESC, n.seq DESC LIMIT 1),
            first_ts = least(l.first_ts, excluded.first_ts),
            count = l.count + excluded.count
        """


def words_sql(batch: ReadingBatch) -> str:
    """Return the raw words as an array of two's complements."""
    words = batch.int_value.astype(np.uint32).view(np.int32)
    if batch.no_word is None or not batch.no_word.any():
        return array_sql(words)
    return array_sql(np.where(batch.no_word, np.nan, words.astype(np.float64)), whole=True)


def array_sql(values: NDArray[Any], *, whole: bool = False) -> str:
    """Return a PostgreSQL array literal of numbers; NaN is NULL. Ten times as fast as the driver's
    quoting."""
    if whole:
        return "'{" + ",".join("NULL" if v != v else str(int(v)) for v in values.tolist()) + "}'"
    if values.dtype.kind == "f":
        return "'{" + ",".join("NULL" if v != v else repr(v) for v in values.tolist()) + "}'"
    return "'{" + ",".join(map(str, values.tolist())) + "}'"


def times_sql(us: NDArray[np.int64]) -> str:
    """Return microseconds since 1970 as a timestamptz array."""
    texts = np.datetime_as_string(us.astype("datetime64[us]"), timezone="UTC")
    return "'{" + ",".join(texts.tolist()) + "}'::timestamptz[]"
