from datetime import datetime

from server.apps.streams.store.partitions import make_month_partitions, partition_months


def make_partitions(*, now: datetime) -> list[str]:
    """Monthly partitions from two years back to two months ahead; answers the names of those that were missing."""
    return make_month_partitions(partition_months(now))
