from datetime import datetime

from server.apps.streams import store


def make_partitions(*, now: datetime) -> list[str]:
    """Monthly partitions from two years back to two months ahead; answers the names of those that were missing."""
    return store.make_month_partitions(store.partition_months(now))
