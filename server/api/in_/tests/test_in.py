"""Values under names: from a board to what everybody reads."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from server.api.in_.tests.boards import IN, Send, board
from server.apps.accounts.models import Account
from server.apps.accounts.services.signing import issue_jwt
from server.apps.devices.models import ConfigAttribute, ConfigName, Device, DeviceState, Project
from server.apps.devices.services.keys import issue_device_token, issue_upload_key
from server.apps.devices.tests.factories import make_device, make_project
from server.apps.streams.models import StreamId, StreamVariable, VarType
from server.apps.streams.services.variables import create_variable
from server.apps.streams.tests.data import body, getter
from server.apps.streams.tests.factories import enter
from server.apps.streams.tests.recounted import hours_that_differ
from server.apps.streams.tests.written import rows_in
from server.core.cache import client
from server.core.live import PREFIX
from server.core.sealed_documents import STARS, seal_document
from server.lib.slugs import is_named_variable

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

DataType = VarType.DataType
AT = "2021-03-01T11:23:15Z"
STORED = "seq, int_value, value, ts = '2021-03-01T11:23:15Z'"


@pytest.fixture
def device(project: Project) -> Device:
    """A board without a sensor graph."""
    return enter(make_device(), project)


@pytest.fixture
def send(device: Device) -> Send:
    return board(device)


def variable(project: Project, name: str) -> StreamVariable:
    return StreamVariable.objects.get(project=project, sent_name=name)


def read(alice: Account, device: Device, name: str) -> list[dict[str, Any]]:
    stream = StreamId.objects.get(device=device, variable__sent_name=name)
    rows: list[dict[str, Any]] = body(getter(alice)(f"/api/v1/data/?filter={stream.slug}"))["results"]
    return rows


def test_an_object_is_stored_and_its_names_make_variables(
    send: Send, alice: Account, device: Device, project: Project
) -> None:
    answer = send({"ts": AT, "temperature": 21.5, "rssi": -61})

    made = variable(project, "temperature")
    assert answer.status_code == 201, answer.content
    assert (body(answer)["stored"], body(answer)["duplicates"]) == (2, 0)
    assert list(body(answer)["variables"]) == ["temperature", "rssi"]
    assert body(answer)["variables"]["temperature"] == {
        "slug": made.slug,
        "stream": StreamId.objects.get(variable=made).slug,
        "unit": "°C",
        "decimals": 3,
    }
    assert is_named_variable(made.lid)
    assert (made.name, made.units, made.decimal_places, made.raw_value_format) == (
        "temperature",
        "°C",
        1,
        "<l",
    )
    assert rows_in("reading", STORED, "seq") == [(1, 21500, 21.5, True), (2, -61000, -61, True)]
    [row] = read(alice, device, "temperature")
    assert (row["value"], row["timestamp"], row["status"], row["streamer_local_id"]) == (21.5, AT, "utc", 1)


def test_hours_and_latest_values_include_what_was_sent(send: Send, device: Device) -> None:
    send([{"ts": "2021-03-01T11:00:00Z", "t": 1}, {"ts": "2021-03-01T11:59:00Z", "t": 2.5}])

    stream = StreamId.objects.get(device=device, variable__sent_name="t")
    assert rows_in("rollup_hour", "count, sum, last") == [(2, 3.5, 2.5)]
    assert rows_in("latest", "value, count") == [(2.5, 2)]
    assert hours_that_differ(stream.key, until=datetime(2021, 3, 3, tzinfo=UTC)) == []


def test_without_a_time_it_is_the_time_of_arrival(send: Send) -> None:
    before = timezone.now()

    assert send({"t": 1}).status_code == 201
    assert rows_in("reading", f"ts BETWEEN '{before.isoformat()}' AND now()") == [(True,)]


def test_ids_are_given_in_order_and_without_gaps(send: Send) -> None:
    send({"ts": AT, "a": 1, "b": 2})
    send({"ts": AT, "a": 1, "b": 3})  # a is there
    send({"ts": AT, "a": "x"})
    send({"ts": AT, "a": 4})

    assert rows_in("reading", "seq, value", "seq") == [(1, 1), (2, 2), (3, 3), (4, 4)]


def test_each_device_has_ids_of_its_own(send: Send, project: Project) -> None:
    other = board(enter(make_device(), project))
    send({"t": 1})
    other({"t": 1})

    assert rows_in("reading", "seq") == [(1,), (1,)]


def test_the_same_value_at_the_same_time_is_stored_once(send: Send) -> None:
    first = send([{"ts": AT, "t": 1}, {"ts": AT, "t": 1}, {"ts": AT, "t": 2}])
    again = send([{"ts": AT, "t": 1}, {"ts": AT, "t": 2}, {"ts": AT, "t": 3}])

    assert [(body(each)["stored"], body(each)["duplicates"]) for each in (first, again)] == [(2, 1), (1, 2)]
    assert rows_in("reading", "value", "seq") == [(1,), (2,), (3,)]
    assert rows_in("latest", "count") == [(3,)]


def test_values_without_a_time_are_no_duplicates(send: Send) -> None:
    answer = send([{"t": 1}, {"t": 1}])

    assert (body(answer)["stored"], body(answer)["duplicates"]) == (2, 0)


def test_an_idempotency_key_makes_a_retry_without_times_harmless(send: Send) -> None:
    answers = [send({"t": 1}, **{"Idempotency-Key": "boot 7 loop 3"}) for _ in range(2)]

    assert [each.status_code for each in answers] == [201, 201]
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert rows_in("reading", "seq") == [(1,)]


def test_lines_are_stored(send: Send, alice: Account, device: Device) -> None:
    lines = f"name,value,ts\ntemperature,21.5,{AT}\nrssi,-61,1614597795\n".encode()

    answer = send(lines, content_type="text/csv")

    assert answer.status_code == 201, answer.content
    assert rows_in("reading", STORED, "seq") == [(1, 21500, 21.5, True), (2, -61000, -61, True)]


def test_a_form_is_stored(send: Send) -> None:
    answer = send(b"temperature=21.5&ts=1614597795", content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 201, answer.content
    assert rows_in("reading", STORED) == [(1, 21500, 21.5, True)]


def test_a_compressed_body_is_stored(send: Send) -> None:
    packed = gzip.compress(json.dumps([{"ts": 1614597795 + n, "t": n} for n in range(1000)]).encode())

    answer = send(packed, **{"Content-Encoding": "gzip"})

    assert (answer.status_code, body(answer)["stored"]) == (201, 1000)


def test_as_many_values_as_the_limit_are_stored(send: Send) -> None:
    answer = send([{"ts": 1614597795 + n, "t": n} for n in range(10_000)])

    assert (answer.status_code, body(answer)["stored"]) == (201, 10_000)
    assert rows_in("reading", "count(*), max(seq)") == [(10_000, 10_000)]


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({"a": 1, "t": 21.33333}, "t", "3 decimals, from -2147483.648 to 2147483.647"),
        ({"a": 1, "t": 3e6}, "t", "cannot be kept"),
        ([{"a": 1}, {"t": 3e6}], "t", "At index 1: 3000000.0 cannot be kept"),
        ({"a": 1, "new": 1e12}, "new", "cannot be kept"),
        ({"a": 1, "new": "x"}, "new", "no number"),
        ({"a": 1, "ts": 12345}, "ts", "neither seconds nor milliseconds"),
        ({"a": 1, "key": 2}, "key", "no names"),
        ({}, "detail", "no value"),
        ("x", "detail", "object"),
    ],
)
def test_what_cannot_be_kept_is_named_and_nothing_is_stored(
    send: Send, project: Project, sent: object, field: str, words: str
) -> None:
    send({"ts": "2021-03-01T00:00:00Z", "t": 1.5})

    answer = send(sent)

    assert (answer.status_code, list(body(answer))) == (400, [field])
    assert words in str(body(answer)[field])
    assert rows_in("reading", "value") == [(1.5,)]
    assert [each.sent_name for each in StreamVariable.objects.exclude(sent_name="")] == ["t"]


@pytest.mark.parametrize(
    ("values", "decimals"),
    [
        ([21.5], 3),
        ([1, 2.123], 3),
        ([3_000_000], 2),
        ([2_147_483_647], 0),
        ([0.1234567], 7),
        ([1e-9], 9),
    ],
)
def test_a_new_variable_keeps_the_decimals_that_its_first_values_need(
    send: Send, values: list[float], decimals: int
) -> None:
    answer = send([{"ts": 1614597795 + n, "x": value} for n, value in enumerate(values)])

    assert answer.status_code == 201, answer.content
    assert body(answer)["variables"]["x"]["decimals"] == decimals
    assert rows_in("reading", "value", "seq") == [(value,) for value in values]


def test_values_that_go_together_in_no_way_are_refused(send: Send) -> None:
    answer = send([{"x": 1e9}, {"x": 0.5}])

    assert answer.status_code == 400
    assert not StreamVariable.objects.filter(sent_name="x").exists()


def test_a_value_can_be_rounded_to_what_its_variable_keeps(send: Send) -> None:
    send({"t": 21.5})

    answer = send({"t": 21.33333}, "?round=true")

    assert answer.status_code == 201
    assert rows_in("reading", "value", "seq") == [(21.5,), (21.333,)]


def test_the_devices_of_a_project_share_its_variables(send: Send, project: Project) -> None:
    send({"t": 1})
    other = enter(make_device(), project)

    answer = board(other)({"t": 2})

    assert body(answer)["variables"]["t"]["slug"] == variable(project, "t").slug
    assert StreamId.objects.filter(variable__sent_name="t").count() == 2


def test_a_renamed_variable_gets_what_is_sent_under_the_old_name(
    send: Send, project: Project, alice: Account
) -> None:
    send({"t": 1})
    made = variable(project, "t")
    made.name = "Boiler"
    made.save()

    assert body(send({"t": 2}))["variables"]["t"]["slug"] == made.slug
    assert StreamVariable.objects.filter(project=project).exclude(sent_name="").count() == 1


def test_a_project_may_refuse_names_that_it_does_not_know(send: Send, project: Project) -> None:
    send({"t": 1})
    Project.objects.update(names_make_variables=False)

    answer = send({"t": 2, "u": 3})

    assert (answer.status_code, list(body(answer))) == (400, ["u"])
    assert rows_in("reading", "value") == [(1,)]
    assert send({"t": 2}).status_code == 201


def test_a_variable_that_people_made_can_have_a_sent_name(
    send: Send, project: Project, alice: Account
) -> None:
    made = create_variable(project=project, lid=0x5002, name="Boiler", by=alice)
    made.sent_name, made.units = "t", "K"
    made.save()

    answer = send({"t": 7})

    assert body(answer)["variables"]["t"]["slug"] == made.slug
    assert (body(answer)["variables"]["t"]["unit"], body(answer)["variables"]["t"]["decimals"]) == ("K", 0)
    assert list(body(send({"t": 7.5}))) == ["t"]


def test_a_variable_of_events_takes_no_numbers(send: Send, project: Project, alice: Account) -> None:
    made = create_variable(project=project, lid=0x5002, name="Trips", by=alice)
    made.sent_name = "t"
    made.var_type = VarType.objects.create(
        slug="trips", name="Trips", stream_data_type=DataType.EVENT_WITH_DATA
    )
    made.save()

    for _ in range(2):  # at first the stream is not there
        answer = send({"t": 7})
        assert (answer.status_code, list(body(answer))) == (400, ["t"])
    assert rows_in("reading") == []


def test_open_pages_are_notified_when_something_new_is_stored(send: Send, device: Device) -> None:
    with client().pubsub() as pages:  # type: ignore[no-untyped-call]  # of redis
        pages.subscribe(f"{PREFIX}device:{device.slug}")
        assert next_message(pages)["type"] == "subscribe"

        send({"ts": AT, "t": 1})
        first = json.loads(next_message(pages)["data"])
        send({"ts": AT, "t": 1})  # nothing new
        send({"ts": AT, "t": 2, "u": 3})
        second = json.loads(next_message(pages)["data"])

    stream = StreamId.objects.get(device=device, variable__sent_name="t")
    assert (first["streams"], first["stored"]) == ([stream.slug], 1)
    assert (len(second["streams"]), second["stored"]) == (2, 2)


def next_message(pages: Any) -> dict[str, Any]:
    found: dict[str, Any] | None = pages.get_message(timeout=30)
    assert found is not None
    return found


def test_a_disabled_stream_takes_nothing(send: Send) -> None:
    send({"t": 1})
    StreamId.objects.update(enabled=False)

    assert list(body(send({"t": 2}))) == ["t"]


def test_a_device_in_no_project_is_refused_with_the_reason() -> None:
    answer = board(make_device())({"t": 1})

    assert (answer.status_code, "not claimed" in body(answer)["detail"]) == (400, True)


def test_a_busy_device_is_asked_to_try_again(send: Send, device: Device) -> None:
    for known in (False, True):
        Device.objects.update(state=DeviceState.ARCHIVING)
        answer = send({"t": 1})
        assert (answer.status_code, "Retry-After" in answer.headers) == (503, True), known
        Device.objects.update(state=DeviceState.ACTIVE)
        assert send({"t": 1}).status_code == 201


def test_what_is_sent_counts_as_a_report_of_the_device(send: Send, device: Device) -> None:
    send({"t": 1})

    device.refresh_from_db()
    assert device.last_report_on is not None


@pytest.mark.parametrize("compared", [1, 500])
def test_known_names_cost_eight_queries_however_many_values(send: Send, compared: int) -> None:
    send({"ts": AT, "t": 1, "u": 2})
    send({"ts": AT, "t": 2})

    of_core = CaptureQueriesContext(connections["default"])
    with of_core, CaptureQueriesContext(connections["streamdata"]) as of_data:
        answer = send([{"ts": 1614597795 + n, "t": n, "u": n} for n in range(10, 10 + compared)])

    assert answer.status_code == 201
    # Who sends, and the streams; begin, lock, compare, copy, hours and latest values, commit.
    assert (len(of_core), len(of_data)) == (2, 6)


def test_a_person_or_nobody_sends_nothing(alice: Account, device: Device) -> None:
    def status(**headers: str) -> int:
        return Client().post(IN, {"t": 1}, content_type="application/json", headers=headers).status_code

    assert status() == 401
    assert status(Authorization=f"JWT {issue_jwt(user=alice)}") == 403
    assert status(Authorization="Device-Key fdk_wrong") == 401
    token = issue_device_token(device=device, by=alice)
    assert status(Authorization=f"a-jwt {token}") == 201


def test_a_device_asks_for_its_latest_values_and_settings(
    send: Send, device: Device, project: Project, alice: Account
) -> None:
    send([{"ts": AT, "temperature": 21.5}, {"ts": "2021-03-01T11:24:15Z", "temperature": 22}])
    board(enter(make_device(), project))({"temperature": 5})
    name = ConfigName.objects.create(name=":board:settings")
    for target, data in ((device.slug, {"every_s": 60, "api_key": "hidden"}), (project.slug, {"every_s": 1})):
        ConfigAttribute.objects.create(
            org=project.org, target=target, name=name, data=seal_document(data), updated_by=alice
        )
    key = issue_upload_key(device=device, by=alice)

    answer = Client().get(IN, headers={"Authorization": f"Device-Key {key}"})

    assert answer.status_code == 200
    found = body(answer)
    assert found["device"] == device.slug
    assert found["values"] == {"temperature": {"value": 22, "ts": "2021-03-01T11:24:15Z", "unit": "°C"}}
    assert found["settings"] == {":board:settings": {"every_s": 60, "api_key": STARS}}
    assert abs(datetime.fromisoformat(found["now"]) - timezone.now()) < timedelta(minutes=1)


def test_a_device_that_sent_nothing_gets_no_values(device: Device) -> None:
    key = issue_upload_key(device=device, by=None)

    found = body(Client().get(IN, headers={"Authorization": f"Device-Key {key}"}))

    assert (found["values"], found["settings"]) == ({}, {})


def test_names_of_two_projects_have_nothing_to_do_with_each_other(send: Send, project: Project) -> None:
    other = make_project(org=project.org)
    send({"t": 1})

    board(enter(make_device(), other))({"t": 1.5})

    assert variable(project, "t").pk != variable(other, "t").pk
    assert variable(project, "t").lid == variable(other, "t").lid
