"""Readings over REST: archives, aliases, masks, ranges of ids, pages by cursor, devices that read
themselves."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from server.apps.accounts.models import Account
from server.apps.devices.models import Device, Project
from server.apps.devices.services.keys import issue_device_token, issue_upload_key
from server.apps.streams.models import DataBlock, DataMask, StreamAlias, StreamAliasTap, StreamId
from server.apps.streams.tests.batches import Point, keep
from server.apps.streams.tests.data import START, Get, body, getter, ids, store
from server.apps.streams.tests.factories import make_claimed_device

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

IO_2 = 0x5002
MINUTE = timedelta(minutes=1)


@pytest.fixture
def get(alice: Account) -> Get:
    return getter(alice)


@pytest.fixture
def stream(device: Device) -> StreamId:
    return StreamId.objects.select_related("variable").get(device=device)


def archive(stream: StreamId) -> DataBlock:
    """As archiving leaves a stream behind."""
    assert stream.device is not None
    assert stream.org is not None
    block = DataBlock.objects.create(
        slug=stream.device.slug.replace("d--0000", "b--0001"),
        block=1,
        device=stream.device,
        org=stream.org,
        title="Old",
    )
    stream.block = block
    stream.slug = f"s--0000-0000--{block.slug[3:]}--5001"
    stream.project = None
    stream.save()
    return block


def mask(stream: StreamId, target: str, **bounds: object) -> None:
    assert stream.org is not None
    DataMask.objects.create(org=stream.org, target=target, **bounds)


def path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


# Archives


def test_an_archive_has_its_data_and_its_device_has_it_no_more(
    get: Get, device: Device, stream: StreamId
) -> None:
    store(device, 3)
    block = archive(stream)

    found = get(f"/api/v1/data/?filter={block.slug}")

    assert ids(found) == ids(get(f"/api/v1/data/?filter={stream.variable.slug}")) == [1, 2, 3]
    assert ids(get(f"/api/v1/data/?filter={device.slug}")) == []
    row = body(found)["results"][0]
    assert (row["stream"], row["project"], row["device"]) == (stream.slug, "", block.slug)
    assert row["variable"] == stream.variable.slug


# Masks


def test_a_mask_always_holds_for_a_stream_and_for_the_rest_when_it_is_asked_for(
    get: Get, device: Device, stream: StreamId
) -> None:
    store(device, 10)
    mask(stream, device.slug, start=START + 3 * MINUTE, end=START + 7 * MINUTE)

    assert ids(get(f"/api/v1/stream/{stream.slug}/data/")) == [4, 5, 6, 7]
    assert body(get(f"/api/v1/stream/{stream.slug}/data/"))["count"] == 4
    assert ids(get(f"/api/v1/stream/{stream.slug}/data/?lastn=2")) == [6, 7]
    for slug in (stream.slug, device.slug, stream.variable.slug):
        assert ids(get(f"/api/v1/data/?filter={slug}&mask=1")) == [4, 5, 6, 7]
        assert len(ids(get(f"/api/v1/data/?filter={slug}"))) == 10


def test_a_mask_narrows_a_range_and_never_widens_it(get: Get, device: Device, stream: StreamId) -> None:
    store(device, 10)
    mask(stream, device.slug, start=START + 3 * MINUTE)
    url = f"/api/v1/stream/{stream.slug}/data/"

    assert ids(get(f"{url}?start=2021-03-01T11:23:15Z&end=2021-03-01T11:28:15Z")) == [4, 5]
    assert ids(get(f"{url}?start=2021-03-01T11:31:15Z")) == [9, 10]
    assert ids(get(f"{url}?end=2021-03-01T11:24:15Z")) == []


def test_each_device_of_a_variable_has_its_own_mask(
    get: Get, project: Project, device: Device, stream: StreamId
) -> None:
    other = make_claimed_device(project=project)
    store(device, 3)
    store(other, 3, first_id=11)
    mask(stream, device.slug, end=START + MINUTE)
    url = f"/api/v1/data/?filter={stream.variable.slug}&mask=1"

    assert ids(get(url)) == [1, 11, 12, 13]
    assert body(get(url))["count"] == 4
    assert ids(get(f"{url}&page_size=3&page=2")) == [13]


def test_the_mask_of_an_archive_is_its_own(get: Get, device: Device, stream: StreamId) -> None:
    store(device, 3)
    mask(stream, device.slug, end=START)
    block = archive(stream)

    assert len(ids(get(f"/api/v1/stream/{stream.slug}/data/"))) == 3

    mask(stream, block.slug, start=START + 2 * MINUTE)

    assert ids(get(f"/api/v1/stream/{stream.slug}/data/")) == [3]


def test_a_mask_costs_no_query(get: Get, device: Device, stream: StreamId) -> None:
    store(device, 3)
    mask(stream, device.slug, start=START + MINUTE)
    url = f"/api/v1/stream/{stream.slug}/data/"
    get(url)

    with CaptureQueriesContext(connections["default"]) as of_core:
        get(url)

    assert len(of_core) == 2


# Aliases


@pytest.fixture
def alias(stream: StreamId) -> StreamAlias:
    assert stream.org is not None
    return StreamAlias.objects.create(slug="a--0000-0000-0000-0001", name="Pump", org=stream.org)


def test_an_alias_is_one_stream_until_its_next_tap(
    get: Get, project: Project, device: Device, stream: StreamId, alias: StreamAlias
) -> None:
    other = make_claimed_device(project=project)
    store(device, 10)
    store(other, 10, first_id=11)
    second = StreamId.objects.get(device=other)
    for minute, tapped in ((2, stream), (4, second), (7, stream)):
        StreamAliasTap.objects.create(alias=alias, timestamp=START + minute * MINUTE, stream=tapped)
    url = f"/api/v1/data/?filter={alias.slug}"

    assert ids(get(url)) == [3, 4, 15, 16, 17, 8, 9, 10]
    assert body(get(url))["count"] == 8
    assert ids(get(f"{url}&lastn=4")) == [17, 8, 9, 10]
    assert ids(get(f"{url}&start=2021-03-01T11:26:15Z&end=2021-03-01T11:29:15Z")) == [4, 15, 16]
    assert ids(get(f"{url}&page_size=3&page=3")) == [9, 10]


def test_an_alias_of_others_is_empty(
    charlie: Account, device: Device, stream: StreamId, alias: StreamAlias
) -> None:
    store(device, 3)
    StreamAliasTap.objects.create(alias=alias, timestamp=START, stream=stream)

    assert body(getter(charlie)(f"/api/v1/data/?filter={alias.slug}"))["count"] == 0


def test_a_tapped_stream_that_went_to_others_shows_nothing(
    get: Get, charlie: Account, device: Device, stream: StreamId, alias: StreamAlias
) -> None:
    store(device, 3)
    StreamAliasTap.objects.create(alias=alias, timestamp=START, stream=stream)
    StreamId.objects.update(org=charlie.memberships.get().org)

    assert ids(get(f"/api/v1/data/?filter={alias.slug}")) == []


# Ranges of ids


@pytest.mark.parametrize(
    "names", [("streamer_id_0", "streamer_id_1"), ("streamer_id_min", "streamer_id_max")]
)
def test_ids_may_be_narrowed(get: Get, device: Device, stream: StreamId, names: tuple[str, str]) -> None:
    store(device, 10)
    first, last = names

    for url in (f"/api/v1/data/?filter={device.slug}", f"/api/v1/stream/{stream.slug}/data/?"):
        assert ids(get(f"{url}&{first}=4&{last}=6")) == [4, 5, 6]
        assert body(get(f"{url}&{first}=4&{last}=6"))["count"] == 3
        assert ids(get(f"{url}&{first}=9")) == [9, 10]
        assert ids(get(f"{url}&{last}=5&lastn=2")) == [4, 5]


def test_device_times_may_be_narrowed(get: Get, stream: StreamId) -> None:
    words = [0, 5, 0x8000_0000, 0xFFFF_FFFE]
    keep(*[Point(START, 1.0, reading_id=n, stream=stream.key, raw_time=word) for n, word in enumerate(words)])
    url = f"/api/v1/data/?filter={stream.slug}"

    assert ids(get(f"{url}&streamer_ts_min=5&streamer_ts_max=2147483648")) == [1, 2]
    assert ids(get(f"{url}&streamer_ts_0=2147483649")) == [3]


@pytest.mark.parametrize("field", ["streamer_id_0", "streamer_id_max", "streamer_ts_min"])
@pytest.mark.parametrize("value", ["x", "-1", "1.5", "9" * 5000, "%00"])
def test_a_bound_that_is_no_number_is_named(get: Get, stream: StreamId, field: str, value: str) -> None:
    response = get(f"/api/v1/data/?filter={stream.slug}&{field}={value}")

    assert (response.status_code, list(body(response))) == (400, [field])


# Pages by cursor


def walk(get: Get, url: str) -> list[int]:
    found: list[int] = []
    following: str | None = url
    while following is not None:
        page = get(following)
        found += ids(page)
        assert (body(page)["count"], body(page)["previous"]) == (None, None)
        following = body(page)["next"] and path(body(page)["next"])
    return found


@pytest.mark.parametrize("size", [1, 3, 4, 10, 100])
def test_pages_by_cursor_hold_every_row_once(get: Get, device: Device, stream: StreamId, size: int) -> None:
    store(device, 10)
    store(device, 3, lid=IO_2, first_id=11)

    assert walk(get, f"/api/v1/stream/{stream.slug}/data/?cursor=&page_size={size}") == list(range(1, 11))
    both = walk(get, f"/api/v1/data/?filter={device.slug}&cursor=&page_size={size}")
    assert both == [1, 11, 2, 12, 3, 13, *range(4, 11)]


def test_identical_rows_come_once_each(get: Get, stream: StreamId) -> None:
    keep(*[Point(START, float(n), reading_id=0, stream=stream.key) for n in range(25)])
    url: str | None = f"/api/v1/stream/{stream.slug}/data/?cursor=&page_size=4"

    found: list[float] = []
    while url is not None:
        page = body(get(url))
        found += [row["value"] for row in page["results"]]
        url = page["next"] and path(page["next"])

    assert sorted(found) == [float(n) for n in range(25)]


def test_what_is_stored_meanwhile_shifts_nothing(get: Get, device: Device, stream: StreamId) -> None:
    store(device, 6)
    first = body(get(f"/api/v1/stream/{stream.slug}/data/?cursor=&page_size=3"))
    keep(Point(START - MINUTE, 1.0, reading_id=100, stream=stream.key))
    keep(Point(START + 4.5 * MINUTE, 1.0, reading_id=101, stream=stream.key))

    assert ids(get(path(first["next"]))) == [4, 5, 101]


def test_a_cursor_goes_with_a_range_and_a_mask(get: Get, device: Device, stream: StreamId) -> None:
    store(device, 10)
    mask(stream, device.slug, end=START + 8 * MINUTE)

    url = f"/api/v1/data/?filter={device.slug}&mask=1&start=2021-03-01T11:25:15Z&cursor=&page_size=2"

    assert walk(get, url) == [3, 4, 5, 6, 7, 8]


def test_no_rows_are_one_empty_page(get: Get, stream: StreamId) -> None:
    assert body(get(f"/api/v1/stream/{stream.slug}/data/?cursor=")) == {
        "count": None,
        "next": None,
        "previous": None,
        "results": [],
    }


@pytest.mark.parametrize(
    "cursor", ["x", "1", "1.1.1", "-.1.1.1", "f" * 16 + ".1.1.1", "1.1.1.ffffffff", "%00", "1" * 500]
)
def test_what_is_no_cursor_is_named(get: Get, stream: StreamId, cursor: str) -> None:
    response = get(f"/api/v1/stream/{stream.slug}/data/?cursor={cursor}")

    assert (response.status_code, list(body(response))) == (400, ["cursor"])


def test_a_cursor_and_lastn_do_not_go_together(get: Get, stream: StreamId) -> None:
    response = get(f"/api/v1/stream/{stream.slug}/data/?cursor=&lastn=5")

    assert (response.status_code, list(body(response))) == (400, ["lastn"])


def test_a_page_by_cursor_takes_one_query_of_data(get: Get, device: Device, stream: StreamId) -> None:
    store(device, 10)
    url = f"/api/v1/stream/{stream.slug}/data/?cursor=&page_size=3"
    get(url)

    with CaptureQueriesContext(connections["streamdata"]) as of_data:
        get(url)

    assert len(of_data) == 1


# Devices


def reads(token: str, url: str) -> list[int]:
    response = Client().get(url, headers={"Authorization": f"a-jwt {token}"})
    return ids(response)


def test_a_device_reads_its_own_data_and_no_others(
    alice: Account, project: Project, device: Device, stream: StreamId
) -> None:
    other = make_claimed_device(project=project)
    store(device, 2)
    store(other, 2, first_id=11)
    token = issue_device_token(device=device, by=alice)

    assert reads(token, f"/api/v1/data/?filter={stream.variable.slug}") == [1, 2]
    assert reads(token, f"/api/v1/data/?filter={device.slug}") == [1, 2]
    assert reads(token, f"/api/v1/data/?filter={other.slug}") == []
    assert reads(token, f"/api/v1/stream/{stream.slug}/data/") == [1, 2]


def test_a_device_does_not_read_what_it_measured_for_others(
    alice: Account, charlie: Account, device: Device, stream: StreamId
) -> None:
    store(device, 2)
    token = issue_device_token(device=device, by=alice)
    StreamId.objects.update(org=charlie.memberships.get().org)

    assert reads(token, f"/api/v1/data/?filter={device.slug}") == []


def test_an_upload_key_reads_no_data(alice: Account, device: Device, stream: StreamId) -> None:
    key = issue_upload_key(device=device, by=alice)
    headers = {"Authorization": f"Device-Key {key}"}

    for url in (
        f"/api/v1/data/?filter={device.slug}",
        f"/api/v1/stream/{stream.slug}/data/",
        "/api/v1/event/?filter=d--0001",
    ):
        assert Client().get(url, headers=headers).status_code == 403


def test_staff_reads_the_data_of_others_when_it_asks_for_it(
    charlie: Account, device: Device, stream: StreamId
) -> None:
    store(device, 2)
    charlie.is_staff = True
    charlie.save(update_fields=["is_staff"])

    for slug in (stream.slug, device.slug):
        assert ids(getter(charlie)(f"/api/v1/data/?filter={slug}")) == []
        assert ids(getter(charlie)(f"/api/v1/data/?filter={slug}&staff=1")) == [1, 2]
