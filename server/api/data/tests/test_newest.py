"""A reading from the future in what clients request: `lastn`, aggregates, files, statistics."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.streams.models import StreamId
from server.apps.streams.tests.data import Get, body, getter, ids, sender, text
from server.apps.streams.tests.readings import Given, store_readings

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

FAR = datetime(2099, 1, 1, tzinfo=UTC)


@pytest.fixture
def get(alice: Account) -> Get:
    return getter(alice)


@pytest.fixture
def stream(device: Device) -> StreamId:
    """With a reading of 2099, then two of now."""
    now = timezone.now().replace(microsecond=0)
    given = [
        Given(1, FAR, 99),
        Given(2, now - timedelta(hours=2), 22),
        Given(3, now - timedelta(hours=1), 23),
    ]
    store_readings(device, given, received=now)
    return StreamId.objects.get(device=device)


@pytest.mark.parametrize(("lastn", "newest"), [(1, [3]), (2, [2, 3]), (3, [2, 3])])
def test_lastn_is_of_what_was_measured_until_now(
    get: Get, stream: StreamId, device: Device, lastn: int, newest: list[int]
) -> None:
    for url in (
        f"/api/v1/stream/{stream.slug}/data/?",
        f"/api/v1/data/?filter={stream.slug}&",
        f"/api/v1/data/?filter={device.slug}&",
    ):
        assert ids(get(f"{url}lastn={lastn}")) == newest
        assert body(get(f"{url}lastn={lastn}"))["count"] == len(newest)


def test_an_end_of_the_request_may_be_in_the_future(get: Get, stream: StreamId) -> None:
    assert ids(get(f"/api/v1/stream/{stream.slug}/data/?lastn=1&end=2100-01-01T00:00:00Z")) == [1]


def test_all_readings_are_still_listed(get: Get, stream: StreamId) -> None:
    assert ids(get(f"/api/v1/stream/{stream.slug}/data/")) == [2, 3, 1]


def test_aggregates_without_an_end_reach_to_the_newest(get: Get, stream: StreamId) -> None:
    response = get(f"/api/v1/stream/{stream.slug}/aggregate/?bucket=1m&fn=count")

    assert response.status_code == 200
    assert sum(row["count"] for row in body(response)["results"]) == 2


def test_files_of_the_newest_have_nothing_of_the_future(get: Get, stream: StreamId) -> None:
    for url in (
        f"/api/v1/stream/{stream.slug}/csv/?lastn=1",
        f"/api/v1/df/?filter={stream.slug}&lastn=1&format=csv",
    ):
        assert "2099" not in text(get(url))


def test_statistics_of_the_newest_have_nothing_of_the_future(get: Get, stream: StreamId) -> None:
    assert body(get(f"/api/v1/stream/{stream.slug}/stats/?lastn=1"))["max"] < 99 * 3.7


def test_a_posted_event_of_the_future_is_not_the_last_one(get: Get, alice: Account, stream: StreamId) -> None:
    now = timezone.now().replace(microsecond=0)
    posted = [
        {"stream": stream.slug, "timestamp": at.isoformat(), "streamer_local_id": n, "extra_data": {}}
        for n, at in enumerate([FAR, now], start=1)
    ]
    assert sender(alice)("POST", "/api/v1/event/", posted).status_code == 201

    assert ids(get(f"/api/v1/event/?filter={stream.slug}&lastn=1")) == [2]
