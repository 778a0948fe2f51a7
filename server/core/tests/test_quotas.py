"""The requests of a caller are counted in memory, and added to the row of the day."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from server.core import quotas
from server.core.errors import QuotaExceeded
from server.core.quotas import RequestDay, count_request, delete_request_days, requests_on

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
NOW = datetime(2026, 3, 2, 13, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process that has just started."""
    monkeypatch.setattr(quotas, "_uses", {})
    monkeypatch.setattr(quotas, "_next_add_at_s", float("inf"))


@pytest.fixture
def caller() -> str:
    return f"org {uuid4()}"


def count(caller: str, *, most: int = 100, now: datetime = NOW) -> None:
    count_request(caller, whose="The organisation", most=most, now=now)


def add_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "_next_add_at_s", 0.0)


def test_counting_costs_no_query(caller: str, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        for _ in range(50):
            count(caller)


def test_all_callers_are_added_by_one_query(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    callers = [f"account {number}" for number in range(20)]
    for each in callers:
        count(each)
        count(each)
    add_now(monkeypatch)

    with django_assert_num_queries(1):
        count(callers[0])

    assert [requests_on(each, NOW.date()) for each in callers] == [2] * 20


def test_a_request_over_the_quota_is_refused_until_the_next_day(caller: str) -> None:
    for _ in range(3):
        count(caller, most=3)

    with pytest.raises(QuotaExceeded, match="The organisation has used its 3 requests of today") as refused:
        count(caller, most=3)

    assert refused.value.retry_after_s == 11 * 3600
    count(caller, most=3, now=NOW + timedelta(days=1))


def test_what_other_processes_counted_counts_too(caller: str, monkeypatch: pytest.MonkeyPatch) -> None:
    RequestDay.objects.create(caller=caller, day=NOW.date(), requests=9)
    count(caller, most=10)
    add_now(monkeypatch)

    with pytest.raises(QuotaExceeded):
        count(caller, most=10)


def test_what_was_added_counts_on(caller: str, monkeypatch: pytest.MonkeyPatch) -> None:
    count(caller, most=2)
    add_now(monkeypatch)
    count(caller, most=2)

    with pytest.raises(QuotaExceeded):
        count(caller, most=2)


def test_the_last_requests_of_a_day_are_added_to_that_day(
    caller: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tomorrow = NOW + timedelta(days=1)
    count(caller)
    add_now(monkeypatch)

    count(caller, now=tomorrow)

    assert (requests_on(caller, NOW.date()), requests_on(caller, tomorrow.date())) == (1, 0)


def test_former_days_are_deleted(caller: str) -> None:
    for days in (1, 2, 3):
        RequestDay.objects.create(caller=caller, day=NOW.date() - timedelta(days=days), requests=1)

    deleted = delete_request_days(before=NOW.date() - timedelta(days=2))

    assert deleted == 1
    assert RequestDay.objects.filter(caller=caller).count() == 2
