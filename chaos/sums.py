"""Hourly sums and newest values, recomputed from the readings and compared with the stored ones."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from chaos.harness.queries import query_stream_data

_HOURS: Final = """
    WITH recomputed AS (
        SELECT stream_key, date_trunc('hour', ts) AS hour, count(*) AS count, sum(value) AS sum, min(value) AS min,
               max(value) AS max, (array_agg(value ORDER BY ts, seq))[1] AS first,
               (array_agg(value ORDER BY ts DESC, seq DESC))[1] AS last
        FROM reading WHERE stream_key = ANY(%(keys)s) AND value IS NOT NULL GROUP BY 1, 2
    ),
    kept AS (SELECT * FROM rollup_hour WHERE stream_key = ANY(%(keys)s))
    SELECT coalesce(recomputed.stream_key, kept.stream_key), coalesce(recomputed.hour, kept.hour), recomputed.count, kept.count, recomputed.sum, kept.sum
    FROM recomputed FULL JOIN kept ON kept.stream_key = recomputed.stream_key AND kept.hour = recomputed.hour
    WHERE (recomputed.count, recomputed.min, recomputed.max, recomputed.first, recomputed.last)
          IS DISTINCT FROM (kept.count, kept.min, kept.max, kept.first, kept.last)
       OR abs(recomputed.sum - kept.sum) > 1e-9 * greatest(abs(recomputed.sum), recomputed.count * greatest(abs(recomputed.max), abs(recomputed.min)))
"""

_NEWEST: Final = """
    WITH recomputed AS (
        SELECT DISTINCT ON (stream_key) stream_key, ts, seq, value, int_value,
               min(ts) OVER (PARTITION BY stream_key) AS first_ts, count(*) OVER (PARTITION BY stream_key) AS count
        FROM reading WHERE stream_key = ANY(%(keys)s) ORDER BY stream_key, ts DESC, seq DESC
    ),
    kept AS (SELECT * FROM latest WHERE stream_key = ANY(%(keys)s))
    SELECT coalesce(recomputed.stream_key, kept.stream_key), recomputed.seq, kept.seq, recomputed.count, kept.count
    FROM recomputed FULL JOIN kept ON kept.stream_key = recomputed.stream_key
    WHERE (recomputed.ts, recomputed.seq, recomputed.value, recomputed.int_value, recomputed.first_ts, recomputed.count)
          IS DISTINCT FROM (kept.ts, kept.seq, kept.value, kept.int_value, kept.first_ts, kept.count)
"""


def differences(stream_keys: Sequence[int]) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    """Yields what was compared, and the rows that differ."""
    for what, sql in (("hours that are wrong", _HOURS), ("newest values that are wrong", _NEWEST)):
        yield what, query_stream_data(sql, {"keys": list(stream_keys)})
