"""Posting readings: what is taken, what it becomes, and that a list is all or nothing."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from server.apps.accounts.models import Account, OrgMembership
from server.apps.accounts.tests.factories import make_account
from server.apps.devices.models import Device, Project
from server.apps.devices.services.keys import issue_upload_key
from server.apps.streams.models import DataBlock, StreamId
from server.apps.streams.selectors.data import latest_values
from server.apps.streams.services.variables import create_variable
from server.apps.streams.tests.batches import Point, keep
from server.apps.streams.tests.data import Answer, body, getter, ids, sender
from server.apps.streams.tests.factories import make_claimed_device
from server.apps.streams.tests.recounted import hours_that_differ
from server.apps.streams.tests.written import NOON, rows_in
from server.lib.units import LARGEST

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

Post = Callable[[object], Answer]
AT = "2021-03-01T11:23:15Z"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def poster(user: Account) -> Post:
    send = sender(user)
    return lambda body: send("POST", "/api/v1/data/", body)


@pytest.fixture
def post(alice: Account) -> Post:
    return poster(alice)


@pytest.fixture
def stream(device: Device) -> StreamId:
    return StreamId.objects.select_related("variable").get(device=device)


def point(stream: StreamId, **fields: Any) -> dict[str, Any]:
    return {"stream": stream.slug, "timestamp": AT, "int_value": 10, **fields}


def test_a_raw_word_goes_the_way_of_a_reports(post: Post, stream: StreamId) -> None:
    response = post(point(stream, type="Num", streamer_local_id=7))

    assert response.status_code == 201
    row = body(response)
    assert (row["type"], row["int_value"], row["value"], row["streamer_local_id"]) == ("ITR", 10, 37.8541, 7)
    assert (row["timestamp"], row["status"], row["dirty_ts"]) == (AT, "unk", False)


def test_the_answer_is_the_row_as_it_is_read(post: Post, alice: Account, stream: StreamId) -> None:
    posted = body(post(point(stream, device_timestamp=5)))

    [read] = body(getter(alice)(f"/api/v1/data/?filter={stream.slug}"))["results"]

    assert posted == read


def test_a_row_that_was_read_can_be_posted_back(post: Post, stream: StreamId) -> None:
    row = body(post(point(stream)))

    response = post({**row, "type": "Num", "value": None})

    assert response.status_code == 201


def test_a_value_of_type_itr_is_stored_as_it_is(post: Post, alice: Account, stream: StreamId) -> None:
    response = post({"stream": stream.slug, "timestamp": AT, "value": 37.5, "type": "ITR"})

    assert response.status_code == 201
    assert (body(response)["int_value"], body(response)["value"], body(response)["type"]) == (
        None,
        37.5,
        "ITR",
    )
    assert rows_in("reading", "int_value, value") == [(None, 37.5)]
    assert latest_values([stream])[stream.key].int_value is None
    [shown] = body(getter(alice)(f"/api/v1/stream/{stream.slug}/data/"))["results"]
    assert shown["int_value"] is None


def test_a_value_without_a_type_is_stored_as_the_word_that_is_read_back_as_it(
    post: Post, stream: StreamId
) -> None:
    response = post({"stream": stream.slug, "timestamp": AT, "value": 37.8541})

    row = body(response)
    assert (response.status_code, row["int_value"], row["value"], row["type"]) == (201, 10, 37.8541, "ITR")
    assert rows_in("reading", "int_value, value") == [(10, 37.8541)]


@pytest.mark.parametrize("value", [21.5, -0.125, 21, 2147483.647])
def test_a_decimal_over_a_scaled_variable_is_what_is_read_back(
    post: Post, alice: Account, stream: StreamId, value: float
) -> None:
    StreamId.objects.update(raw_value_format="<l", input_unit=None)
    variable = stream.variable
    variable.input_unit, variable.division_factor = None, 1000
    variable.save()

    row = body(post({"stream": stream.slug, "timestamp": AT, "value": value}))

    assert (row["value"], row["type"]) == (value, "Num")
    [read] = body(getter(alice)(f"/api/v1/data/?filter={stream.slug}"))["results"]
    assert read == row


def test_a_value_that_has_no_word_names_what_the_variable_keeps(post: Post, stream: StreamId) -> None:
    response = post([point(stream), {"stream": stream.slug, "timestamp": AT, "value": 21.5}])

    assert response.status_code == 400
    [message] = body(response)["value"]
    assert "21.5 cannot be kept exactly" in message
    assert "type ITR" in message
    assert rows_in("reading") == []


def test_the_time_is_now_unless_it_is_given(post: Post, stream: StreamId) -> None:
    response = post({"stream": stream.slug, "int_value": 1})

    assert response.status_code == 201
    assert rows_in("reading", "ts > now() - interval '1 minute' AND ts <= now()") == [(True,)]


def test_a_list_is_counted(post: Post, alice: Account, stream: StreamId) -> None:
    response = post([point(stream, streamer_local_id=n) for n in range(5)])

    assert (response.status_code, body(response)) == (201, {"count": 5})
    assert ids(getter(alice)(f"/api/v1/data/?filter={stream.slug}")) == [0, 1, 2, 3, 4]
    assert latest_values([stream])[stream.key].count == 5
    assert rows_in("rollup_hour", "count, sum") == [(5, 5 * 37.8541)]


def test_words_and_values_may_come_together(post: Post, stream: StreamId) -> None:
    value = {"stream": stream.slug, "timestamp": AT, "value": 2.5, "type": "ITR", "streamer_local_id": 2}

    assert post([point(stream, streamer_local_id=1), value]).status_code == 201
    assert rows_in("reading", "seq, int_value, value", "seq") == [(1, 10, 37.8541), (2, None, 2.5)]


def test_an_empty_list_stores_nothing(post: Post, stream: StreamId) -> None:
    assert body(post([])) == {"count": 0}


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"int_value": None}, "int_value"),
        ({"value": 1.0}, "value"),
        ({"type": "ITR"}, "type"),
        ({"int_value": None, "value": 1.0}, "value"),  # between the gallons that its words count
        ({"int_value": None, "value": 1e12, "type": "Num"}, "value"),
        ({"type": "P-0"}, "type"),
        ({"int_value": 2**32}, "int_value"),
        ({"int_value": -(2**31) - 1}, "int_value"),
        ({"int_value": -1}, "int_value"),  # its words have no sign
        ({"int_value": "x"}, "int_value"),
        ({"int_value": 1.5}, "int_value"),
        ({"int_value": None, "value": "nan", "type": "ITR"}, "value"),
        ({"int_value": None, "value": 10**400, "type": "ITR"}, "value"),
        ({"streamer_local_id": -1}, "streamer_local_id"),
        ({"streamer_local_id": 2**63}, "streamer_local_id"),
        ({"device_timestamp": 2**32}, "device_timestamp"),
        ({"timestamp": "yesterday"}, "timestamp"),
        ({"timestamp": "0001-01-01T00:00:00Z"}, "timestamp"),
        ({"status": "???"}, "status"),
        ({"valeu": 1}, "valeu"),
        ({"stream": None}, "stream"),
        ({"stream": 5}, "stream"),
        ({"stream": "\x00"}, "stream"),
    ],
)
def test_what_cannot_be_taken_is_named(
    post: Post, stream: StreamId, fields: dict[str, Any], named: str
) -> None:
    response = post({**point(stream), **fields})

    assert response.status_code == 400
    assert list(body(response)) == [named]
    assert rows_in("reading") == []


@pytest.mark.parametrize("given", [None, 5, "x", [[]], [5], {}, [{}]])
def test_what_is_no_reading_at_all_is_refused(post: Post, stream: StreamId, given: object) -> None:
    assert post(given).status_code == 400


def test_signed_words_take_numbers_below_zero(post: Post, stream: StreamId) -> None:
    StreamId.objects.update(raw_value_format="<l", input_unit=None)
    stream.variable.input_unit = None
    stream.variable.save(update_fields=["input_unit"])

    row = body(post(point(stream, int_value=-5)))

    assert (row["int_value"], row["value"], row["type"]) == (4294967291, -5.0, "Num")


def test_a_list_is_all_or_nothing(post: Post, stream: StreamId) -> None:
    for bad in (
        point(stream, int_value=None),
        {**point(stream), "stream": "s--0000-0001--0000-0000-0000-0fff--5001"},
    ):
        assert post([point(stream), bad]).status_code == 400

    assert rows_in("reading") == []


def test_a_list_has_a_limit(post: Post, stream: StreamId) -> None:
    response = post([{}] * 10_001)

    assert response.status_code == 400
    assert "10000" in response.content.decode()


def test_a_list_as_long_as_the_limit_is_stored(post: Post, stream: StreamId) -> None:
    response = post([point(stream)] * 10_000)

    assert response.status_code == 201
    assert rows_in("reading", "count(*)") == [(10_000,)]


def test_a_stream_that_its_device_could_have_is_made(
    post: Post, alice: Account, device: Device, project: Project, stream: StreamId
) -> None:
    variable = create_variable(project=project, lid=0x5002, name="IO 2", by=alice)
    StreamId.objects.filter(variable=variable).delete()
    slug = stream.slug.replace("--5001", "--5002")

    response = post({"stream": slug, "int_value": 3})

    assert response.status_code == 201
    assert StreamId.objects.get(slug=slug).device == device


@pytest.mark.parametrize("lid", ["5003", "5a0c", "ffff"])
@pytest.mark.parametrize(("path", "fields"), [("data", {"int_value": 3}), ("event", {"extra_data": {}})])
def test_a_stream_and_its_variable_are_made_as_for_a_report(
    alice: Account, stream: StreamId, lid: str, path: str, fields: dict[str, Any]
) -> None:
    slug = stream.slug.replace("--5001", f"--{lid}")

    response = sender(alice)("POST", f"/api/v1/{path}/", {"stream": slug, **fields})

    assert response.status_code == 201
    made = StreamId.objects.select_related("variable").get(slug=slug)
    assert (made.device_id, made.project_id) == (stream.device_id, stream.project_id)
    assert made.variable.lid == int(lid, 16)


def test_no_stream_is_made_without_the_permission(bob: Account, stream: StreamId) -> None:
    membership = OrgMembership.objects.get(user=bob)
    membership.permissions["can_create_stream_data"] = False
    membership.save(update_fields=["permissions"])

    response = poster(bob)({"stream": stream.slug.replace("--5001", "--5a0c"), "int_value": 3})

    assert response.status_code == 403
    assert StreamId.objects.count() == 1


def test_a_device_elsewhere_gets_no_stream_here(
    post: Post, stream: StreamId, charlie: Account, project: Project
) -> None:
    foreign = make_claimed_device(project=project)
    slug = stream.slug.replace(f"{stream.device_id:04x}--5001", f"{foreign.pk:04x}--5001")
    StreamId.objects.filter(device=foreign).delete()
    Device.objects.filter(pk=foreign.pk).update(project=None, org=None)

    assert list(body(post({"stream": slug, "int_value": 3}))) == ["stream"]


def test_a_stream_of_others_gets_the_answer_of_one_that_is_not_there(
    charlie: Account, stream: StreamId
) -> None:
    there = poster(charlie)(point(stream))
    nowhere = poster(charlie)({**point(stream), "stream": "s--0000-0fff--0000-0000-0000-0fff--5001"})

    assert (there.status_code, nowhere.status_code) == (400, 400)
    assert there.content.decode().replace(stream.slug, "") == nowhere.content.decode().replace(
        "s--0000-0fff--0000-0000-0000-0fff--5001", ""
    )
    assert rows_in("reading") == []


def test_a_stream_that_could_be_made_is_not_made_for_others(charlie: Account, stream: StreamId) -> None:
    slug = stream.slug
    stream.delete()

    assert list(body(poster(charlie)({"stream": slug, "int_value": 1}))) == ["stream"]
    assert not StreamId.objects.exists()


def test_a_member_without_the_permission_is_refused(bob: Account, stream: StreamId) -> None:
    membership = OrgMembership.objects.get(user=bob)
    membership.permissions["can_create_stream_data"] = False
    membership.save(update_fields=["permissions"])

    assert poster(bob)(point(stream)).status_code == 403
    assert rows_in("reading") == []


def test_staff_that_asks_for_it_posts_anywhere(stream: StreamId) -> None:
    staff = make_account()
    staff.is_staff = True
    staff.save(update_fields=["is_staff"])

    assert poster(staff)(point(stream)).status_code == 400
    assert sender(staff)("POST", "/api/v1/data/?staff=1", point(stream)).status_code == 201


def test_a_disabled_stream_takes_nothing(post: Post, stream: StreamId) -> None:
    StreamId.objects.update(enabled=False)

    assert list(body(post(point(stream)))) == ["stream"]


def test_an_archive_takes_nothing(post: Post, stream: StreamId, device: Device, project: Project) -> None:
    block = DataBlock.objects.create(
        slug="b--0001-0000-0000-0001", block=1, device=device, org=project.org, title="Old"
    )
    StreamId.objects.update(block=block)

    assert list(body(post(point(stream)))) == ["stream"]


def test_a_device_posts_to_its_own_streams_and_no_others(
    alice: Account, device: Device, project: Project, stream: StreamId
) -> None:
    key = issue_upload_key(device=device, by=alice)
    neighbour = StreamId.objects.get(device=make_claimed_device(project=project))

    def send(to: StreamId) -> int:
        return (
            Client()
            .post(
                "/api/v1/data/",
                point(to),
                content_type="application/json",
                headers={"Authorization": f"Device-Key {key}"},
            )
            .status_code
        )

    assert send(stream) == 201
    assert send(neighbour) == 400
    assert rows_in("reading", "stream_key") == [(stream.key,)]


def test_nobody_posts_without_signing_in(stream: StreamId) -> None:
    assert Client().post("/api/v1/data/", point(stream), content_type="application/json").status_code == 401


def test_a_long_list_costs_no_more_queries_than_one(post: Post, stream: StreamId) -> None:
    post(point(stream))

    counts = []
    for count in (1, 500):
        of_core = CaptureQueriesContext(connections["default"])
        with of_core, CaptureQueriesContext(connections["streamdata"]) as of_data:
            assert post([point(stream)] * count).status_code == 201
        counts.append((len(of_core), len(of_data)))

    assert counts[0] == counts[1]
    assert counts[0][0] <= 4


@pytest.mark.parametrize("value", [1.0000001e100, -1.7976931348623157e308, 10**400, True])
def test_a_value_that_cannot_be_summed_is_refused_by_its_name(
    post: Post, stream: StreamId, value: object
) -> None:
    response = post({"stream": stream.slug, "timestamp": AT, "value": value, "type": "ITR"})

    assert response.status_code == 400
    assert list(body(response)) == ["value"]
    assert rows_in("reading") == []


def test_the_largest_values_can_be_summed_everywhere(post: Post, alice: Account, stream: StreamId) -> None:
    minutes = [f"2021-03-01T11:{minute:02}:00Z" for minute in range(20)]
    points = [
        {"stream": stream.slug, "timestamp": at, "value": value, "type": "ITR"}
        for at in minutes
        for value in (LARGEST, -LARGEST / 2)
    ]
    for part in (points[:20], points[20:]):  # into the same hour
        assert post(part).status_code == 201

    assert_everything_is_read(alice, stream)


def test_huge_values_of_before_there_was_a_bound_stop_nothing(alice: Account, stream: StreamId) -> None:
    huge = [Point(NOON + n * MINUTE, 1.7976931348623157e308, reading_id=n, stream=stream.key) for n in (1, 2)]
    keep(*huge, Point(NOON, 5.0, reading_id=3, stream=stream.key))

    assert_everything_is_read(alice, stream)
    assert rows_in("rollup_hour", "count, sum") == [(1, 5.0)]
    assert hours_that_differ(stream.key, until=NOON + 2 * DAY) == []


def test_hours_of_before_there_was_a_bound_are_recomputed(alice: Account, stream: StreamId) -> None:
    huge = Point(NOON + MINUTE, 1e308, reading_id=2, stream=stream.key)
    alone = Point(NOON + DAY, 1e308, reading_id=3, stream=stream.key)
    keep(Point(NOON, 5.0, stream=stream.key), huge, Point(NOON + 2 * MINUTE, 6.0, 4, stream.key), alone)
    with connections["streamdata"].cursor() as cursor:
        cursor.execute("UPDATE rollup_hour SET sum = 'Infinity', max = 1e308, count = 3, last = 1e308")

        cursor.execute(migration("0006_hours_without_huge_values").RECOMPUTE)

    assert rows_in("rollup_hour", "count, sum, max, last") == [(2, 11.0, 6.0, 6.0)]
    assert hours_that_differ(stream.key, until=NOON + 2 * DAY) == []
    assert_everything_is_read(alice, stream)


def migration(name: str) -> Any:
    return import_module(f"server.apps.streams.migrations.{name}")


def assert_everything_is_read(alice: Account, stream: StreamId) -> None:
    get = getter(alice)
    page = Client()
    page.force_login(alice)
    assert stream.device is not None
    for url in (
        f"/api/v1/stream/{stream.slug}/aggregate/?bucket=1d",
        f"/api/v1/stream/{stream.slug}/aggregate/?bucket=1m",
        f"/api/v1/stream/{stream.slug}/stats/",
        f"/api/v1/df/?filter={stream.slug}&stats=true",
        f"/api/v1/df/?filter={stream.slug}&format=csv",
        f"/api/v1/stream/{stream.slug}/data/",
    ):
        assert get(url).status_code == 200, url
    for days in (1, 400):  # from readings, and from hours
        span = {
            "start": f"{NOON - days * DAY:%Y-%m-%dT%H:%MZ}",
            "end": f"{NOON + days * DAY:%Y-%m-%dT%H:%MZ}",
        }
        chart = page.get(f"/device/{stream.device.slug}/stream/{stream.slug}/chart.json", span)
        assert chart.status_code == 200, chart.content
