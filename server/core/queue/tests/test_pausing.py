"""A pause of the queue, and how a worker hears of it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from server.core.queue.watching.pausing import PauseWatch, pause, paused, resume

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def test_a_queue_is_not_paused_by_default() -> None:
    assert paused() is None


def test_a_pause_records_who_and_why() -> None:
    pause("alice", "maintenance")

    there = paused()
    assert there is not None
    assert (there.paused_by, there.reason) == ("alice", "maintenance")


def test_a_second_pause_takes_the_place_of_the_first() -> None:
    pause("alice", "maintenance")

    pause("bob", "still at it")

    there = paused()
    assert there is not None
    assert (there.paused_by, there.reason) == ("bob", "still at it")


def test_a_pause_ends_once() -> None:
    pause("alice", "maintenance")

    ended = [resume(), resume()]

    assert (ended, paused()) == ([True, False], None)


def test_a_worker_hears_of_a_pause_and_of_its_end() -> None:
    watch = PauseWatch(check_every_seconds=0)
    heard = [watch.is_paused()]

    pause("alice", "maintenance")
    heard.append(watch.is_paused())
    resume()
    heard.append(watch.is_paused())

    assert heard == [False, True, False]


def test_a_worker_does_not_ask_before_every_job() -> None:
    watch = PauseWatch(check_every_seconds=60)

    with CaptureQueriesContext(connection) as queries:
        for _ in range(100):
            watch.is_paused()

    assert len(queries) == 1
