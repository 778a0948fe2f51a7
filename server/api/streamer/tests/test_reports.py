"""Reading what became of reports over REST."""

import uuid

import msgpack
import pytest
from pytest_django import DjangoAssertNumQueries

from server.apps.accounts.models import Account
from server.apps.accounts.tests.clients import api_client
from server.apps.devices.models import Device, Project
from server.apps.ingest.tests.uploads import (
    REPORTS,
    as_device,
    as_person,
    form,
    post,
    signed_list,
    store,
    upload,
)
from server.apps.streams.tests.factories import make_claimed_device

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


def ids(user: Account, query: str = "") -> list[str]:
    response = api_client(user).get(f"{REPORTS}{query}")
    assert response.status_code == 200, response.content
    return [report["id"] for report in response.json()["results"]]


def test_a_report_has_the_fields_of_the_original_cloud(alice: Account, device: Device) -> None:
    report = store(device, alice, signed_list(device, (5, 6, 7)))

    shown = api_client(alice).get(f"{REPORTS}{report.pk}/").json()

    assert list(shown) == [
        *("id", "original_first_id", "original_last_id", "actual_first_id", "actual_last_id", "streamer"),
        *("sent_timestamp", "device_sent_timestamp", "incremental_id", "time_epsilon", "created_on"),
        "created_by",
    ]
    assert shown["streamer"] == report.streamer.slug
    assert (shown["original_first_id"], shown["original_last_id"]) == (5, 7)
    assert (shown["actual_first_id"], shown["actual_last_id"]) == (5, 7)
    assert shown["sent_timestamp"] == "2021-03-01T11:23:15Z"
    assert shown["device_sent_timestamp"] == 1000
    assert shown["created_by"] == "alice"


def test_a_report_that_waits_has_no_actual_ids(alice: Account, device: Device) -> None:
    upload(signed_list(device), as_person(alice))

    [shown] = api_client(alice).get(REPORTS).json()["results"]

    assert (shown["actual_first_id"], shown["actual_last_id"]) == (None, None)


def test_the_same_report_again_brings_nothing(alice: Account, device: Device) -> None:
    store(device, alice)

    again = store(device, alice)

    shown = api_client(alice).get(f"{REPORTS}{again.pk}/").json()
    assert (shown["actual_first_id"], shown["actual_last_id"]) == (0, 0)


def test_a_report_that_the_device_brought_was_brought_by_nobody(alice: Account, device: Device) -> None:
    upload(signed_list(device), as_device(device))

    [shown] = api_client(alice).get(REPORTS).json()["results"]

    assert shown["created_by"] is None


def test_reports_of_others_are_not_there(alice: Account, charlie: Account, device: Device) -> None:
    report = store(device, alice)
    client = api_client(charlie)

    assert client.get(f"{REPORTS}{report.pk}/").status_code == 404
    assert client.get(f"/api/v1/streamer/{report.streamer.slug}/report/").status_code == 404
    assert ids(charlie) == []


@pytest.mark.parametrize("what", [str(uuid.UUID(int=0)), "nonsense", "%00", "7"])
def test_what_is_no_report_is_not_there(alice: Account, device: Device, what: str) -> None:
    response = api_client(alice).get(f"{REPORTS}{what}/")

    assert response.status_code == 404
    assert response.json() == {"detail": "Not found."}


def test_reports_are_listed_from_the_oldest_on(alice: Account, device: Device) -> None:
    older, newer = store(device, alice), store(device, alice, signed_list(device, (8, 9)))

    shown = api_client(alice).get(f"/api/v1/streamer/{older.streamer.slug}/report/").json()

    assert [report["id"] for report in shown] == [str(older.pk), str(newer.pk)]
    assert ids(alice) == [str(older.pk), str(newer.pk)]


def test_the_list_can_be_narrowed(alice: Account, bob: Account, project: Project, device: Device) -> None:
    report = store(device, alice)
    other = store(make_claimed_device(project=project), bob)

    assert ids(alice, f"?streamer__slug={report.streamer.slug}") == [str(report.pk)]
    assert ids(alice, "?created_by__slug=bob") == [str(other.pk)]


def test_the_range_has_its_start_and_not_its_end(alice: Account, device: Device) -> None:
    for second in (10, 11, 12):
        query = f"?timestamp=2021-03-01T11:23:{second}Z"
        post(form(signed_list(device)), as_person(alice), query=query)

    shown = api_client(alice).get(f"{REPORTS}?start=2021-03-01T11:23:11Z&end=2021-03-01T11:23:12Z").json()

    assert [report["sent_timestamp"] for report in shown["results"]] == ["2021-03-01T11:23:11Z"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("streamer__slug", "t--1"), ("start", "soon"), ("end", "%00"), ("created_by__slug", "%00")],
)
def test_a_value_that_cannot_be_read_is_named(alice: Account, field: str, value: str) -> None:
    response = api_client(alice).get(f"{REPORTS}?{field}={value}")

    assert response.status_code == 400
    assert list(response.json()) == [field]


def test_the_list_takes_three_queries_for_any_length(
    alice: Account, device: Device, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(4):
        upload(signed_list(device, (number + 1,)), as_person(alice))
    client = api_client(alice)

    with django_assert_num_queries(3):  # who asks, how many, the page
        assert client.get(REPORTS).json()["count"] == 4


def test_reports_come_as_messagepack_too(alice: Account, device: Device) -> None:
    report = store(device, alice, signed_list(device, (5, 6, 7)))

    answer = api_client(alice).get(REPORTS, headers={"accept": "application/msgpack"})

    assert answer.headers["Content-Type"] == "application/msgpack"
    assert msgpack.unpackb(answer.content)["results"][0]["id"] == str(report.pk)
