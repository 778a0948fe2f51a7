"""The SQL of the PostgreSQL queue; each statement is one round trip.

A row is *waiting*, or *in flight* (`in_hand`): claimed by a worker until its `available_on`. After
that it is stale, and any worker may claim it.

Each organisation gets its turn: a worker claims the oldest job of the next organisation that has
one, in the order of their ids. Which one it served last it remembers itself, so no row is written
for it and workers do not wait for each other.

For jobs with a key:

1. at most one row of a key is in flight, which a unique index enforces;
2. only the first row of a key is claimed: the one in flight (if stale), else the oldest;
3. a blocked row has an older, unblocked row of its key. Only claiming a job blocks rows, those
   behind it, and only the statement that removes that job unblocks one, the oldest; so no row waits
   forever.
"""

from typing import Final

from server.core.lanes import Lane

CHANNELS: Final = {Lane.SHORT: "core_job", Lane.LONG: "core_job_long"}
"""Of notifications, one for each lane: a worker does not wake for what it does not take."""

SEND: Final = """
    WITH sent AS (
        INSERT INTO core_job (body, key, org, long, available_on)
        SELECT body, key, org, long, now() + make_interval(secs => %(delay)s)
        FROM unnest(%(bodies)s::text[], %(keys)s::text[], %(orgs)s::text[], %(longs)s::boolean[])
            WITH ORDINALITY AS message (body, key, org, long, place)
        ORDER BY place
    )
    SELECT pg_notify(channel, '') FROM unnest(%(channels)s::text[]) AS channel
"""

# Claiming and acknowledging do not wait for the disk: a crash of the database loses at most that a
# job was claimed or done, and then it runs again. Enqueuing commits with its caller's transaction,
# as durably.
_NEED_NOT_REACH_THE_DISK: Final = "set_config('synchronous_commit', 'off', true)"


# For the statement after it, in one round trip and so in one transaction. The table grows from
# nothing to 100,000 rows within a minute, and statistics are from before: with them the planner may
# read and sort all rows, and look for the first of its key for each of them, which takes minutes.
# The indexes are in the right order however many rows there are.
BY_INDEX: Final = """
    SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
           set_config('enable_sort', 'off', true), set_config('enable_incremental_sort', 'off', true),
           set_config('enable_mergejoin', 'off', true), set_config('enable_hashjoin', 'off', true);
"""


def _oldest(orgs: str) -> str:
    """Returns the due jobs of some organisations, one organisation after the other."""
    # A sub-select with a LIMIT and not a join, which would read the whole line before it knows the
    # first row.
    return f"""
        SELECT * FROM (
            SELECT job.id, job.available_on
            FROM core_job job
            WHERE NOT job.blocked
              AND job.long = %(long)s
              AND {orgs}
              AND job.available_on <= now()
              AND (
                job.key = ''
                OR job.id = (
                    SELECT first.id
                    FROM core_job first
                    WHERE first.key = job.key AND first.key <> '' AND NOT first.blocked
                    ORDER BY first.in_hand DESC, first.id
                    LIMIT 1
                )
              )
            ORDER BY job.org, job.available_on, job.id
            LIMIT %(most)s
            FOR UPDATE SKIP LOCKED
        ) oldest
    """


CLAIM: Final = f"""
    WITH line AS (
        {_oldest("job.org > %(served)s")}
        UNION ALL
        {_oldest("job.org <= %(served)s")}
        LIMIT %(most)s
    ),
    taken AS (
        UPDATE core_job job
        SET in_hand = true, attempt = attempt + 1, available_on = now() + make_interval(secs => %(visible)s)
        FROM line
        WHERE job.id = line.id
        RETURNING job.id, job.key, job.body, job.attempt, job.deferred, job.org, job.long, line.available_on AS due
    ),
    stepped_out AS (
        UPDATE core_job job
        SET blocked = true
        FROM taken
            CROSS JOIN LATERAL (
                SELECT behind.id
                FROM core_job behind
                -- The key as a range, so that only the index on it has the rows in this order.
                WHERE behind.key BETWEEN taken.key AND taken.key AND behind.key <> '' AND NOT behind.blocked
                  AND NOT behind.in_hand AND behind.id > taken.id
                ORDER BY behind.key, behind.in_hand DESC, behind.id
                OFFSET 0
            ) behind
        WHERE job.id = behind.id
    )
    SELECT id, key, body, attempt, deferred, org, long, {_NEED_NOT_REACH_THE_DISK} FROM taken ORDER BY due, id
"""

# Due rows behind one in flight do not count: a notification announces when they become free.
SECONDS_TO_NEXT: Final = """
    SELECT EXTRACT(EPOCH FROM available_on - now())
    FROM core_job
    WHERE NOT blocked AND available_on > now() AND long = ANY(%(longs)s)
    ORDER BY available_on
    LIMIT 1
"""

_HELD: Final = "id = %(id)s AND attempt = %(attempt)s AND in_hand"

_LOG: Final = """
    , logged AS (
        INSERT INTO core_joblog (message_id, action, arguments, attempt, outcome, detail, duration_ms, finished_on)
        SELECT %(message_id)s, %(action)s, %(arguments)s::jsonb, %(log_attempt)s, %(outcome)s, %(detail)s,
               %(duration_ms)s, now()
    )
"""

_UNBLOCK: Final = """
    , next_of_key AS (
        UPDATE core_job
        SET blocked = false
        WHERE id = (
            SELECT blocked.id
            FROM core_job blocked
            WHERE blocked.blocked AND blocked.key = (SELECT key FROM gone)
            ORDER BY blocked.id
            LIMIT 1
        )
    )
"""

# Wakes other workers when the next row of this key has become free. Two conditions, for two partial
# indexes.
_ANNOUNCE: Final = f"""
    SELECT {_NEED_NOT_REACH_THE_DISK},
        CASE WHEN EXISTS (
            SELECT FROM core_job job WHERE job.key = %(key)s AND job.key <> '' AND NOT job.blocked AND job.id <> %(id)s
        )
        OR EXISTS (SELECT FROM core_job job WHERE job.key = %(key)s AND job.blocked)
        THEN pg_notify(%(channel)s, '') END
"""

_GONE: Final = f"WITH gone AS (DELETE FROM core_job WHERE {_HELD} RETURNING key, body, attempt)"

_DEAD_LETTER: Final = """
    , dead_letter AS (
        INSERT INTO core_deadjob (body, action, attempts, reason, died_on)
        SELECT body, %(action)s, attempt, %(reason)s, now() FROM gone
    )
"""

_RELEASED: Final = f"""
    WITH released AS (
        UPDATE core_job
        SET in_hand = false,
            available_on = now() + make_interval(secs => %(delay)s),
            attempt = attempt - %(attempts_off)s,
            deferred = deferred + %(deferrals)s
        WHERE {_HELD}
    )
"""


def delete(*, keyed: bool, logged: bool) -> str:
    tail = (
        _UNBLOCK + _optional_log(logged) + _ANNOUNCE
        if keyed
        else _optional_log(logged) + f"SELECT {_NEED_NOT_REACH_THE_DISK}"
    )
    return _GONE + tail


def move_to_dead_letters(*, logged: bool) -> str:
    return _GONE + _DEAD_LETTER + _UNBLOCK + _optional_log(logged) + _ANNOUNCE


def release(*, logged: bool) -> str:
    """Notifies waiting workers too: they must wait for the new `available_on`."""
    return (
        _RELEASED + _optional_log(logged) + f"SELECT pg_notify(%(channel)s, ''), {_NEED_NOT_REACH_THE_DISK}"
    )


def _optional_log(logged: bool) -> str:
    return _LOG if logged else ""


EXTEND: Final = f"""
    UPDATE core_job SET available_on = now() + make_interval(secs => %(visible)s) WHERE {_HELD}
"""

# When the clock was set back, everything is delayed by as much. A row in flight may belong to a
# live worker, which extends it.
BRING_FORWARD: Final = """
    UPDATE core_job
    SET available_on = now() + CASE WHEN in_hand THEN make_interval(secs => %(visible)s) ELSE interval '0' END
    WHERE NOT blocked AND available_on > now() + make_interval(secs => %(furthest)s)
    RETURNING id
"""

DEPTH: Final = """
    SELECT count(*) FILTER (WHERE NOT in_hand OR available_on <= now()),
           count(*) FILTER (WHERE in_hand AND available_on > now()),
           (SELECT count(*) FROM core_deadjob),
           EXTRACT(EPOCH FROM now() - min(available_on) FILTER (WHERE available_on <= now()))
    FROM core_job
"""

DEAD_LETTERS: Final = """
    SELECT body, action, attempts, reason, died_on, id::text FROM core_deadjob ORDER BY id DESC LIMIT %(most)s
"""

# Deleting claims a dead letter: of two operators who redrive the same one, only one gets the row.
TAKE_DEAD: Final = """
    WITH taken AS (DELETE FROM core_deadjob WHERE id = ANY(%(ids)s) RETURNING id, body)
    SELECT body FROM taken ORDER BY id
"""
