"""The feed of changes with real commits: a reader with a cursor misses nothing and reads nothing
twice."""

import threading
from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import transaction

from server.apps.activity.models import Change
from server.apps.activity.selectors.changes import changes_after
from server.apps.activity.services.changes import Verb, record_change
from server.core.identified import Identified
from server.core.tests.committed import at_once
from server.core.tests.committed import committed as committed

pytestmark = pytest.mark.integration
WRITERS = 5
EACH = 8


def record(org: Identified[UUID], ref: str) -> None:
    record_change(org=org, kind="device", ref=ref, verb=Verb.CHANGED, event="test", by=None)


class Reader:
    """Keeps its cursor, as a program does."""

    def __init__(self, org: Identified[UUID], *, limit: int = 1000) -> None:
        self.org, self.limit = org, limit
        self.cursor = ""
        self.read: list[str] = []

    def go_on(self) -> list[str]:
        feed = changes_after(self.org, self.cursor, limit=self.limit)
        self.cursor = feed.cursor
        refs = [change.ref for change in feed.changes if change.event == "test"]
        self.read += refs
        return refs


def held_open(org: Identified[UUID], ref: str) -> tuple[threading.Event, threading.Event, Callable[[], None]]:
    """A transaction in a connection of its own: signals when it has written, and commits on a
    signal."""
    written, commit = threading.Event(), threading.Event()

    def write() -> None:
        try:
            with transaction.atomic():
                record(org, ref)
                written.set()
                assert commit.wait(20)
        finally:
            written.set()

    return written, commit, write


def test_a_change_that_commits_late_is_not_missed(acme: Identified[UUID]) -> None:
    reader = Reader(acme)
    reader.go_on()
    written, commit, write = held_open(acme, "early id, late commit")
    meanwhile: list[list[str]] = []

    def others() -> None:
        assert written.wait(20)
        try:
            record(acme, "late id, early commit")
            meanwhile.append(reader.go_on())
        finally:
            commit.set()

    assert at_once(write, others) == [None, None]
    ids = dict(Change.objects.filter(event="test").values_list("ref", "id"))
    afterwards = reader.go_on()

    assert ids["early id, late commit"] < ids["late id, early commit"]
    assert meanwhile == [[]]  # a later one must wait for what may still come before it
    assert afterwards == ["early id, late commit", "late id, early commit"]
    assert reader.go_on() == []


def test_of_many_writers_at_once_every_change_is_read_exactly_once(acme: Identified[UUID]) -> None:
    reader = Reader(acme, limit=3)
    running = threading.Semaphore(0)

    def writer(number: int) -> None:
        try:
            for turn in range(EACH):
                with transaction.atomic():
                    record(acme, f"{number}.{turn} a")
                    with (
                        transaction.atomic()
                    ):  # a savepoint has a number of its own; the feed goes by the whole
                        record(acme, f"{number}.{turn} b")
        finally:
            running.release()

    def read() -> None:
        ended = 0
        while ended < WRITERS:
            reader.go_on()
            ended += running.acquire(blocking=False)

    calls = [lambda number=number: writer(number) for number in range(WRITERS)]
    results = at_once(*calls, read)
    while reader.go_on():
        pass

    assert results == [None] * (WRITERS + 1)
    assert len(reader.read) == len(set(reader.read)) == WRITERS * EACH * 2
    assert set(reader.read) == set(Change.objects.filter(event="test").values_list("ref", flat=True))


def test_what_is_rolled_back_did_not_happen(acme: Identified[UUID]) -> None:
    reader = Reader(acme)

    with transaction.atomic():
        record(acme, "never")
        transaction.set_rollback(True)
    record(acme, "after")

    assert reader.go_on() == ["after"]


def test_each_organisation_has_a_feed_of_its_own(acme: Identified[UUID], other_org: Identified[UUID]) -> None:
    record(acme, "here")
    record(other_org, "there")

    assert Reader(acme).go_on() == ["here"]
    assert Reader(other_org).go_on() == ["there"]
