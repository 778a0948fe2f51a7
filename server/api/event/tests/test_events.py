"""Events over REST: lists, posts, corrections."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgpack
import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from server.api.event.serializers import EventOutput
from server.api.event.tests.events import AT, EVENT, Send, event, get, kept, send, stream
from server.apps.accounts.models import Account, OrgMembership, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.services.signing import issue_jwt
from server.apps.accounts.tests.factories import make_account
from server.apps.activity.models import Change
from server.apps.devices.models import Project
from server.apps.streams.models import DataMask, StreamId
from server.apps.streams.tests.data import Answer, Get, body, getter, sender, text
from server.apps.streams.tests.written import rows_in

__all__ = ["get", "send", "stream"]  # fixtures


pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


def numbers(response: Answer) -> list[int]:
    assert response.status_code == 200, response.content
    return [row["extra_data"]["n"] for row in body(response)["results"]]


def test_a_posted_event_has_the_documented_fields_and_is_read_back(
    send: Send, get: Get, stream: StreamId
) -> None:
    posted = send("POST", EVENT, event(stream, data={"large": [1, 2]}))

    assert posted.status_code == 201, posted.content
    row = body(posted)
    assert list(row) == list(EventOutput().fields)
    assert (row["stream"], row["variable"], row["has_raw_data"]) == (stream.slug, stream.variable.slug, True)
    assert (row["timestamp"], row["ext"], row["extra_data"]) == ("2021-03-01T11:23:15Z", "json", {"n": 0})
    assert body(get(f"{EVENT}{row['id']}/")) == row
    assert body(get(f"{EVENT}?filter={stream.slug}"))["results"] == [row]


def test_a_list_of_events_is_counted(send: Send, get: Get, stream: StreamId) -> None:
    response = send("POST", EVENT, [event(stream, n) for n in range(3)])

    assert (response.status_code, body(response)) == (201, {"count": 3})
    assert numbers(get(f"{EVENT}?filter={stream.slug}")) == [0, 1, 2]


@pytest.mark.parametrize(("count", "status"), [(1000, 201), (1001, 400)])
def test_a_list_of_events_has_a_limit(send: Send, stream: StreamId, count: int, status: int) -> None:
    answer = send("POST", "/api/v1/event/", [event(stream)] * count)

    assert answer.status_code == status


def test_an_event_without_a_summary_has_an_empty_one(send: Send, stream: StreamId) -> None:
    assert body(send("POST", EVENT, {"stream": stream.slug}))["extra_data"] == {}


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"extra_data": None}, "extra_data"),
        ({"extra_data": []}, "extra_data"),
        ({"extra_data": "x"}, "extra_data"),
        ({"extra_data": {"x": "\x00"}}, "extra_data"),
        ({"stream": "nonsense"}, "stream"),
        ({"stream": "s--0000-0fff--0000-0000-0000-0fff--5001"}, "stream"),
        ({"timestamp": 5}, "timestamp"),
        ({"streamer_local_id": 2**70}, "streamer_local_id"),
        ({"unheard": 1}, "unheard"),
    ],
)
def test_what_cannot_be_taken_is_named(
    send: Send, stream: StreamId, fields: dict[str, Any], named: str
) -> None:
    before = kept()

    response = send("POST", EVENT, [event(stream, data={}), {**event(stream, data={}), **fields}])

    assert response.status_code == 400
    assert named in response.content.decode()
    assert rows_in("event") == []
    assert kept() == before


def test_numbers_that_json_cannot_write_are_refused(alice: Account, stream: StreamId) -> None:
    headers = {"Authorization": f"JWT {issue_jwt(user=alice)}"}
    for field in ("extra_data", "data"):
        given = f'{{"stream": "{stream.slug}", "{field}": {{"x": 1e999}}}}'
        response = Client().post(EVENT, given, content_type="application/json", headers=headers)
        assert response.status_code == 400
        assert list(body(response)) == [field]


def test_ranges_lastn_and_pages_are_those_of_data(send: Send, get: Get, stream: StreamId) -> None:
    send("POST", EVENT, [event(stream, n) for n in range(10)])
    url = f"{EVENT}?filter={stream.device.slug if stream.device else ''}"

    assert numbers(get(f"{url}&start=2021-03-01T11:25:15Z&end=2021-03-01T11:28:15Z")) == [2, 3, 4]
    assert numbers(get(f"{url}&lastn=2")) == [8, 9]
    assert numbers(get(f"{url}&page_size=4&page=3")) == [8, 9]
    assert numbers(get(f"{url}&streamer_id_0=3&streamer_id_1=5")) == [3, 4, 5]
    assert body(get(f"{url}&page_size=4"))["count"] == 10
    assert get(f"{url}&page=9").status_code == 404


def test_pages_by_cursor_hold_every_event_once(send: Send, get: Get, stream: StreamId) -> None:
    send("POST", EVENT, [event(stream, n // 3, extra_data={"n": n}) for n in range(20)])
    url: str | None = f"{EVENT}?filter={stream.slug}&page_size=7&cursor="

    found: list[int] = []
    while url is not None:
        page = get(url)
        found += numbers(page)
        assert body(page)["count"] is None
        url = body(page)["next"] and _path(body(page)["next"])

    assert sorted(found) == list(range(20))


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def test_a_mask_hides_events_when_it_is_asked_for(send: Send, get: Get, stream: StreamId) -> None:
    send("POST", EVENT, [event(stream, n) for n in range(5)])
    assert stream.device is not None
    assert stream.org is not None
    DataMask.objects.create(org=stream.org, target=stream.device.slug, start=AT + timedelta(minutes=3))

    assert numbers(get(f"{EVENT}?filter={stream.slug}&mask=1")) == [3, 4]
    assert numbers(get(f"{EVENT}?filter={stream.slug}")) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("how", ["query", "header"])
def test_messagepack_holds_the_same_as_json(
    send: Send, get: Get, alice: Account, stream: StreamId, how: str
) -> None:
    send("POST", EVENT, [event(stream, n) for n in range(3)])
    url = f"{EVENT}?filter={stream.slug}"
    headers = {"Authorization": f"JWT {issue_jwt(user=alice)}"}

    if how == "query":
        packed = Client().get(f"{url}&format=msgpack", headers=headers)
    else:
        packed = Client().get(url, headers={**headers, "Accept": "application/msgpack"})

    assert packed["Content-Type"] == "application/msgpack"
    assert msgpack.unpackb(packed.content) == body(get(url))


def test_a_correction_replaces_what_is_given(send: Send, get: Get, stream: StreamId) -> None:
    made = body(send("POST", EVENT, event(stream, streamer_local_id=4)))

    response = send("PATCH", f"{EVENT}{made['id']}/", {"extra_data": {"m": 1}})

    assert response.status_code == 200
    assert body(response) == {**made, "extra_data": {"m": 1}}
    assert body(get(f"{EVENT}{made['id']}/")) == body(response)
    assert Change.objects.filter(kind="event", ref=made["id"]).exists()


@pytest.mark.parametrize("former", [None, {"acc": [1]}, {"acc": [1] * 3000}], ids=["none", "small", "large"])
@pytest.mark.parametrize("document", [{"acc": [2]}, {"acc": [2] * 3000}], ids=["small", "large"])
def test_a_correction_replaces_the_large_part(
    send: Send, get: Get, stream: StreamId, former: Any, document: Any
) -> None:
    others = kept()
    made = body(send("POST", EVENT, event(stream, data=former)))
    before = kept() - others

    changed = send("PATCH", f"{EVENT}{made['id']}/", {"data": document})

    assert changed.status_code == 200, changed.content
    assert (body(changed)["has_raw_data"], body(changed)["extra_data"]) == (True, made["extra_data"])
    assert json.loads(text(get(f"{EVENT}{made['id']}/data/"))) == document
    assert len(kept() - others) == (1 if len(document["acc"]) > 1 else 0)
    assert not before & kept()


def test_a_correction_without_a_large_part_keeps_it(send: Send, get: Get, stream: StreamId) -> None:
    made = body(send("POST", EVENT, event(stream, data={"acc": [1] * 3000})))

    send("PATCH", f"{EVENT}{made['id']}/", {"extra_data": {"n": 1}, "data": None})

    assert json.loads(text(get(f"{EVENT}{made['id']}/data/"))) == {"acc": [1] * 3000}


def test_a_part_of_an_object_is_replaced_without_the_others(send: Send, get: Get, stream: StreamId) -> None:
    documents = [{"acc": [number] * 3000} for number in range(2)]
    send("POST", EVENT, [event(stream, number, data=document) for number, document in enumerate(documents)])
    first, second = body(get(f"{EVENT}?filter={stream.slug}"))["results"]

    send("PATCH", f"{EVENT}{first['id']}/", {"data": {"acc": []}})

    assert json.loads(text(get(f"{EVENT}{first['id']}/data/"))) == {"acc": []}
    assert json.loads(text(get(f"{EVENT}{second['id']}/data/"))) == documents[1]


def test_a_correction_may_move_an_event_to_another_month(send: Send, get: Get, stream: StreamId) -> None:
    made = body(send("POST", EVENT, event(stream)))
    now = datetime.now(UTC).replace(microsecond=0).isoformat()

    send("PATCH", f"{EVENT}{made['id']}/", {"timestamp": now})

    assert body(get(f"{EVENT}{made['id']}/"))["timestamp"] == now.replace("+00:00", "Z")


def test_an_event_that_was_read_can_be_sent_back(send: Send, stream: StreamId) -> None:
    made = body(send("POST", EVENT, event(stream)))

    assert body(send("PATCH", f"{EVENT}{made['id']}/", made)) == made


def test_who_may_not_correct_does_not(bob: Account, charlie: Account, send: Send, stream: StreamId) -> None:
    made = body(send("POST", EVENT, event(stream)))
    membership = OrgMembership.objects.get(user=bob)
    membership.permissions["can_create_stream_data"] = False
    membership.save(update_fields=["permissions"])

    assert sender(bob)("PATCH", f"{EVENT}{made['id']}/", {"extra_data": {}}).status_code == 403
    assert sender(bob)("POST", EVENT, event(stream)).status_code == 403
    assert sender(charlie)("PATCH", f"{EVENT}{made['id']}/", {"extra_data": {}}).status_code == 404
    assert sender(charlie)("PATCH", f"{EVENT}{uuid.uuid4()}/", {"extra_data": {}}).status_code == 404
    assert rows_in("event", "extra_data->>'n'") == [("0",)]


def test_who_may_not_read_data_reads_no_events(
    charlie: Account, project: Project, send: Send, stream: StreamId
) -> None:
    made = body(send("POST", EVENT, event(stream, data={})))
    operator = make_account()
    add_member(org=project.org, user=operator, role=Role.OPERATOR)

    for user in (charlie, operator):
        assert body(getter(user)(f"{EVENT}?filter={stream.slug}"))["count"] == 0
        for part in ("", "data/", "url/"):
            assert getter(user)(f"{EVENT}{made['id']}/{part}").status_code == 404


@pytest.mark.parametrize("what", ["5", "x", "9b2f6a0e-5d1c-4c7e-8a43-1f0e6d2b7c90"])
def test_what_is_no_event_is_not_there(get: Get, what: str) -> None:
    assert get(f"{EVENT}{what}/").status_code == 404


def test_a_list_of_events_takes_few_queries(send: Send, get: Get, stream: StreamId) -> None:
    send("POST", EVENT, [event(stream, n) for n in range(50)])
    get(f"{EVENT}?filter={stream.slug}")

    with (
        CaptureQueriesContext(connections["default"]) as of_core,
        CaptureQueriesContext(connections["streamdata"]) as of_data,
    ):
        get(f"{EVENT}?filter={stream.slug}")

    assert (len(of_core), len(of_data)) == (2, 2)
