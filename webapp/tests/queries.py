"""Counting queries of both databases: a page must cost the same however much it shows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connections
from django.test.utils import CaptureQueriesContext


@dataclass
class Counts:
    core: int = 0
    streamdata: int = 0


@contextmanager
def counted() -> Iterator[Counts]:
    """Yields counts that are filled when the block ends."""
    counts = Counts()
    core = CaptureQueriesContext(connections["default"])
    streamdata = CaptureQueriesContext(connections["streamdata"])
    with core, streamdata:
        yield counts
    counts.core, counts.streamdata = len(core), len(streamdata)
