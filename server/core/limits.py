"""Limits: at most so many times in so long, counted in the core database by whoever it is about,
never by what a sender may choose.

The rates are in the settings, `DEFAULT_THROTTLE_RATES`, by scope; None is no limit. Scopes are
shared: pages and API count together.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from rest_framework.settings import api_settings

from server.core import credentials
from server.core.errors import LimitReached

_PERIODS_S: Final = {"min": 60, "hour": 3600, "day": 86_400}


@dataclass(frozen=True, slots=True)
class Rate:
    most: int
    period_s: int


def rate_of(scope: str) -> Rate | None:
    """Read each time, so that a test can change it."""
    rates: dict[str, Any] = api_settings.DEFAULT_THROTTLE_RATES
    text: str | None = rates[scope]
    if text is None:
        return None
    most, _, period = text.partition("/")
    return Rate(int(most), _PERIODS_S[period])


def count(scope: str, who: str) -> None:
    """Count one use. Raises LimitReached, with the seconds to wait, and counts nothing then.

    One statement, so that requests that come together are counted one by one.
    """
    rate = rate_of(scope)
    if rate is None:
        return
    key = _key(scope, who)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"key": key, "most": rate.most, "period": rate.period_s})
        if cursor.rowcount:
            return
        cursor.execute(_WAIT, {"key": key, "period": rate.period_s})
        (wait_s,) = cursor.fetchone() or (None,)
    raise LimitReached(wait_s=max(wait_s or 0.0, 1.0))


def uncount(scope: str, who: str) -> None:
    """Take the newest use back: for limits that count failures, where the use turned out to be
    none."""
    if rate_of(scope) is None:
        return
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_durableentry SET value = value - -1 WHERE key = %s", [_key(scope, who)])


def _key(scope: str, who: str) -> str:
    return credentials.digest(f"limit {scope} {who}")


# A use is its time in seconds since 1970.
_USES: Final = """
    SELECT use::float8 AS use FROM jsonb_array_elements(core_durableentry.value) AS use
    WHERE use::float8 > extract(epoch FROM clock_timestamp()) - %(period)s
"""
_COUNT: Final = f"""
    INSERT INTO core_durableentry (key, value, expires_on)
    VALUES (%(key)s, jsonb_build_array(extract(epoch FROM clock_timestamp())),
            clock_timestamp() + make_interval(secs => %(period)s))
    ON CONFLICT (key) DO UPDATE SET
        value = (SELECT coalesce(jsonb_agg(use ORDER BY use), '[]') FROM ({_USES}) AS recent) || EXCLUDED.value,
        expires_on = EXCLUDED.expires_on
    WHERE (SELECT count(*) FROM ({_USES}) AS recent) < %(most)s
"""
_WAIT: Final = f"""
    SELECT (SELECT min(use) FROM ({_USES}) AS recent) + %(period)s - extract(epoch FROM clock_timestamp())
    FROM core_durableentry WHERE key = %(key)s
"""
