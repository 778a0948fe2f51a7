from datetime import datetime

from server.apps.streams.store.partitions import make_month_partitions, partition_months


def make_partitions(*, now: datetime) -> list[str]:
    """Create missing monthly partitions from two years back to two months ahead. Returns their
    names."""
    return make_month_partitions(partition_months(now))
