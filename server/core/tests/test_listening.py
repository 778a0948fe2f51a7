"""Since when the server listens: restarts do not count, outages do."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from server.core.listening import LONGEST_PAUSE, Listening, listening_since, record_listening

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


def database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        now: datetime = cursor.fetchone()[0]
    return now


def test_without_a_heartbeat_nothing_is_known() -> None:
    assert listening_since(now=timezone.now()) is None


def test_the_first_heartbeat_is_since_when_it_listens() -> None:
    now = database_now()

    record_listening()

    assert listening_since(now=now) == now


@pytest.mark.parametrize(("pause", "is_outage"), [(LONGEST_PAUSE, False), (LONGEST_PAUSE + SECOND, True)])
def test_a_pause_is_an_outage_when_it_is_longer_than_a_restart(pause: timedelta, is_outage: bool) -> None:
    now = database_now()
    Listening.objects.create(since=now - DAY, seen_on=now - pause)

    record_listening()

    assert listening_since(now=now) == (now if is_outage else now - DAY)


def test_during_an_outage_it_does_not_listen() -> None:
    now = timezone.now()
    Listening.objects.create(since=now - DAY, seen_on=now - HOUR)

    assert listening_since(now=now) == now


def test_a_day_without_heartbeats_says_nothing() -> None:
    now = timezone.now()
    Listening.objects.create(since=now - 9 * DAY, seen_on=now - DAY)

    assert listening_since(now=now) is None
