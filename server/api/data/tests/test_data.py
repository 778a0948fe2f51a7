"""Readings over REST: which rows come, how they page, and what that costs."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from server.apps.accounts.models import Account, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.factories import make_account
from server.apps.devices.models import Device, Project
from server.apps.streams.models import StreamId
from server.apps.streams.tests.data import START, Get, body, getter, ids, store
from server.apps.streams.tests.factories import make_claimed_device
from server.apps.streams.tests.readings import Given, store_readings

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

IO_2 = 0x5002


@pytest.fixture
def get(alice: Account) -> Get:
    return getter(alice)


@pytest.fixture
def stream(device: Device) -> StreamId:
    return StreamId.objects.select_related("variable").get(device=device)


def test_rows_are_ordered_by_time_and_not_by_id(get: Get, device: Device, stream: StreamId) -> None:
    late, early = START + timedelta(hours=1), START
    store_readings(device, [Given(1, late, 1), Given(2, early, 2), Given(3, late, 3)], received=START)

    assert ids(get(f"/api/v1/stream/{stream.slug}/data/")) == [2, 1, 3]
    assert ids(get(f"/api/v1/data/?filter={stream.slug}")) == [2, 1, 3]


def test_start_is_within_and_end_is_not(get: Get, device: Device, stream: StreamId) -> None:
    store(device, 5)
    url = f"/api/v1/stream/{stream.slug}/data/?start=2021-03-01T11:24:15Z&end=2021-03-01T11:26:15Z"

    assert ids(get(url)) == [2, 3]
    assert body(get(url))["count"] == 2


def test_a_time_range_may_have_an_offset_whose_plus_was_lost(
    get: Get, device: Device, stream: StreamId
) -> None:
    store(device, 5)

    assert ids(get(f"/api/v1/stream/{stream.slug}/data/?start=2021-03-01T13:26:15+02:00")) == [4, 5]


@pytest.mark.parametrize(
    ("lastn", "newest"), [(1, [5]), (3, [3, 4, 5]), (5, [1, 2, 3, 4, 5]), (9999, [1, 2, 3, 4, 5])]
)
def test_lastn_gives_the_newest_ascending(
    get: Get, device: Device, stream: StreamId, lastn: int, newest: list[int]
) -> None:
    store(device, 5)

    for url in (f"/api/v1/stream/{stream.slug}/data/?", f"/api/v1/data/?filter={stream.slug}&"):
        assert ids(get(f"{url}lastn={lastn}")) == newest
        assert body(get(f"{url}lastn={lastn}"))["count"] == len(newest)


def test_lastn_counts_within_the_range(get: Get, device: Device, stream: StreamId) -> None:
    store(device, 5)

    assert ids(get(f"/api/v1/stream/{stream.slug}/data/?lastn=2&end=2021-03-01T11:26:15Z")) == [2, 3]


def test_lastn_over_several_pages_is_exact(get: Get, device: Device, stream: StreamId) -> None:
    store(device, 10)
    url = f"/api/v1/stream/{stream.slug}/data/?lastn=7&page_size=3&page="

    pages = [ids(get(f"{url}{page}")) for page in (1, 2, 3)]

    assert pages == [[4, 5, 6], [7, 8, 9], [10]]
    assert body(get(f"{url}1"))["count"] == 7
    assert get(f"{url}4").status_code == 404


def test_lastn_over_10000_is_exact_too(get: Get, device: Device, stream: StreamId) -> None:
    store(device, 10_005, every_s=1)

    response = get(f"/api/v1/stream/{stream.slug}/data/?lastn=10001&page_size=20000")

    assert ids(response) == list(range(5, 10_006))


def test_pages_hold_every_row_once(get: Get, device: Device, stream: StreamId) -> None:
    store(device, 10)

    for url in (f"/api/v1/stream/{stream.slug}/data/?", f"/api/v1/data/?filter={stream.slug}&"):
        pages = [ids(get(f"{url}page_size=4&page={page}")) for page in (1, 2, 3)]
        assert pages == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10]]


@pytest.mark.parametrize("without_value", [False, True])
def test_pages_deep_in_a_stream_are_exact(
    get: Get, device: Device, stream: StreamId, without_value: bool
) -> None:
    """With hour rollups that have counts of all their readings, and with some that do not."""
    store(device, 5500, every_s=97)
    if without_value:
        with connections["streamdata"].cursor() as cursor:
            cursor.execute("UPDATE reading SET value = NULL WHERE seq = 40")
            cursor.execute(
                "UPDATE rollup_hour SET count = count - 1 WHERE hour = (SELECT min(hour) FROM rollup_hour)"
            )

    for url in (f"/api/v1/stream/{stream.slug}/data/?", f"/api/v1/data/?filter={device.slug}&"):
        assert ids(get(f"{url}page_size=1000&page=4")) == list(range(3001, 4001))
        assert ids(get(f"{url}page_size=1000&page=6")) == list(range(5001, 5501))
        assert ids(get(f"{url}page_size=500&page=2&lastn=1200")) == list(range(4801, 5301))


def test_deep_pages_of_several_streams_are_exact(get: Get, device: Device) -> None:
    store(device, 2000, every_s=60)
    store(device, 2000, lid=IO_2, first_id=10_001, every_s=60)

    page = ids(get(f"/api/v1/data/?filter={device.slug}&page_size=1000&page=4"))

    assert page == [row for n in range(1501, 2001) for row in (n, 10_000 + n)]


def test_lastn_of_a_range_pages_exactly(get: Get, device: Device, stream: StreamId) -> None:
    store(device, 10)
    url = f"/api/v1/stream/{stream.slug}/data/?start=2021-03-01T11:25:15Z&lastn=5&page_size=2&page="

    assert [ids(get(f"{url}{page}")) for page in (1, 2, 3)] == [[6, 7], [8, 9], [10]]


def test_the_neighbours_of_a_page_are_addresses_that_work(get: Get, device: Device, stream: StreamId) -> None:
    store(device, 10)

    middle = body(get(f"/api/v1/data/?filter={stream.slug}?page_size=4&page=2"))

    assert ids(get(_path(middle["next"]))) == [9, 10]
    assert ids(get(_path(middle["previous"]))) == [1, 2, 3, 4]
    assert body(get(_path(middle["next"])))["next"] is None
    assert body(get(_path(middle["previous"])))["previous"] is None


def _path(url: str) -> str:
    parts = urlsplit(url)
    assert parts.netloc == "testserver"
    return f"{parts.path}?{parts.query}"


@pytest.mark.parametrize(
    ("path", "default", "most"),
    [("/api/v1/stream/{}/data/?", 5000, 20_000), ("/api/v1/data/?filter={}&", 1000, 10_000)],
)
def test_page_sizes_are_those_of_the_original_cloud(
    get: Get, device: Device, stream: StreamId, path: str, default: int, most: int
) -> None:
    store(device, 20_001, every_s=1)
    url = path.format(stream.slug)

    assert len(ids(get(url))) == default
    assert len(ids(get(f"{url}page_size=99999999999999999999999"))) == most


def test_an_empty_stream_is_one_empty_page(get: Get, stream: StreamId) -> None:
    response = get(f"/api/v1/stream/{stream.slug}/data/")

    assert body(response) == {"count": 0, "next": None, "previous": None, "results": []}


@pytest.mark.parametrize("page", ["2", "0", "-1", "x", "9" * 5000, "%00"])
def test_a_page_that_is_not_there_is_404(get: Get, device: Device, stream: StreamId, page: str) -> None:
    store(device, 1)

    for url in (f"/api/v1/stream/{stream.slug}/data/?", f"/api/v1/data/?filter={stream.slug}&lastn=5&"):
        response = get(f"{url}page={page}")
        assert response.status_code == 404
        assert body(response) == {"detail": "Invalid page."}


@pytest.mark.parametrize("field", ["lastn", "page_size", "start", "end"])
@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", "%00", "nan"])
def test_a_value_that_cannot_be_read_is_named(get: Get, stream: StreamId, field: str, value: str) -> None:
    for url in (f"/api/v1/stream/{stream.slug}/data/?", f"/api/v1/data/?filter={stream.slug}&"):
        response = get(f"{url}{field}={value}")
        assert response.status_code == 400
        assert list(body(response)) == [field]


def test_an_empty_parameter_is_as_good_as_none(get: Get, device: Device, stream: StreamId) -> None:
    store(device, 2)

    assert ids(get(f"/api/v1/stream/{stream.slug}/data/?start=&end=&lastn=&page=&page_size=")) == [1, 2]


def test_a_stream_is_found_by_a_short_form_of_its_slug(get: Get, device: Device, stream: StreamId) -> None:
    store(device, 2)
    short = stream.slug.replace("s--0000-", "s--").replace("--0000-0000-0000-", "--")

    assert ids(get(f"/api/v1/stream/{short}/data/")) == [1, 2]


@pytest.mark.parametrize("what", ["s--7--81--5001", "nonsense", "%00", "s" * 5000])
def test_what_is_no_stream_is_not_there(get: Get, device: Device, what: str) -> None:
    response = get(f"/api/v1/stream/{what}/data/")

    assert response.status_code == 404
    assert body(response) == {"detail": "Not found."}


def test_a_filter_is_a_stream_a_device_or_a_variable(
    get: Get, device: Device, project: Project, stream: StreamId
) -> None:
    other = make_claimed_device(project=project)
    store(device, 2)
    store(device, 1, lid=IO_2, first_id=10)
    store(other, 1, first_id=20)

    assert ids(get(f"/api/v1/data/?filter={stream.slug}")) == [1, 2]
    assert ids(get(f"/api/v1/data/?filter={device.slug}")) == [1, 10, 2]
    assert ids(get(f"/api/v1/data/?filter={stream.variable.slug}")) == [1, 20, 2]


def test_several_streams_page_and_count_as_one(get: Get, device: Device) -> None:
    store(device, 3)
    store(device, 3, lid=IO_2, first_id=11)
    url = f"/api/v1/data/?filter={device.slug}&page_size=4"

    first, second = get(url), get(f"{url}&page=2")

    assert ids(first) + ids(second) == [1, 11, 2, 12, 3, 13]
    assert body(first)["count"] == 6
    assert ids(get(f"{url}&lastn=3")) == [12, 3, 13]


def test_a_second_question_mark_is_read_as_an_ampersand(get: Get, device: Device, stream: StreamId) -> None:
    store(device, 9)

    assert ids(get(f"/api/v1/data/?filter={stream.slug}?lastn=5")) == [5, 6, 7, 8, 9]


@pytest.mark.parametrize(
    "what", ["p--0000-0001", "b--0001-0000-0000-0081", "a--0000-0000-0000-0001", "d--ffff"]
)
def test_a_filter_that_has_no_data_is_an_empty_page(get: Get, device: Device, what: str) -> None:
    store(device, 1)

    assert body(get(f"/api/v1/data/?filter={what}"))["count"] == 0


@pytest.mark.parametrize(
    "query", ["?filter=nonsense", "?filter=s--1", "?filter=%00", "?filter=" + "s" * 5000]
)
def test_a_filter_that_cannot_be_read_is_named(get: Get, device: Device, query: str) -> None:
    response = get(f"/api/v1/data/{query}")

    assert response.status_code == 400
    assert list(body(response)) == ["filter"]


@pytest.mark.parametrize("noun", ["data", "event"])
@pytest.mark.parametrize("query", ["", "?", "?filter=", "?lastn=5", "?cursor="])
def test_without_a_filter_nothing_is_selected(get: Get, device: Device, noun: str, query: str) -> None:
    store(device, 3)

    response = get(f"/api/v1/{noun}/{query}")

    assert response.status_code == 200
    assert body(response)["results"] == []
    assert body(response)["count"] in ({None} if "cursor" in query else {0})


def test_who_may_not_read_data_gets_none(
    charlie: Account, project: Project, device: Device, stream: StreamId
) -> None:
    store(device, 1)
    operator = make_account()
    add_member(org=project.org, user=operator, role=Role.OPERATOR)

    for user in (charlie, operator):
        assert getter(user)(f"/api/v1/stream/{stream.slug}/data/").status_code == 404
        assert body(getter(user)(f"/api/v1/data/?filter={stream.slug}"))["count"] == 0
        assert body(getter(user)(f"/api/v1/data/?filter={device.slug}"))["count"] == 0


def test_a_member_reads_data(bob: Account, device: Device, stream: StreamId) -> None:
    store(device, 1)

    assert ids(getter(bob)(f"/api/v1/stream/{stream.slug}/data/")) == [1]


@pytest.mark.parametrize("path", ["/api/v1/stream/{}/data/", "/api/v1/data/?filter={}"])
def test_nobody_reads_without_signing_in(stream: StreamId, path: str) -> None:
    assert Client().get(path.format(stream.slug)).status_code == 401


@pytest.mark.parametrize(
    ("path", "of_data"),
    [
        ("/api/v1/stream/{}/data/", 2),  # how many, the page
        ("/api/v1/stream/{}/data/?lastn=3", 2),  # what is ahead of now; the page, which says how many
        ("/api/v1/data/?filter={}", 2),
        ("/api/v1/stream/{}/data/?page_size=2&page=2", 2),
    ],
)
def test_a_page_takes_two_queries_and_few_of_data(
    get: Get, device: Device, stream: StreamId, path: str, of_data: int
) -> None:
    store(device, 5)
    url = path.format(stream.slug)
    get(url)

    of_core = CaptureQueriesContext(connections["default"])
    of_streamdata = CaptureQueriesContext(connections["streamdata"])
    with of_core, of_streamdata:
        get(url)

    assert len(of_core) == 2  # who asks, the gate
    assert len(of_streamdata) == of_data
