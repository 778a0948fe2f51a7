"""The lanes of the job queue. Without Django: the payloads of jobs name theirs."""

from enum import StrEnum


class Lane(StrEnum):
    """Where a job waits. Jobs of each lane have workers of their own, so that long ones do not keep
    others waiting."""

    SHORT = "short"
    LONG = "long"  # an archive, a trim, a call of another server: seconds to hours
