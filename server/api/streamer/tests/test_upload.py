"""Uploading reports over REST, as gateways, phones and devices do it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from server.apps.accounts.models import Account, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.services.signing import create_api_token
from server.apps.accounts.tests.factories import make_account
from server.apps.devices.models import Device, Project
from server.apps.devices.services.keys import issue_upload_key
from server.apps.devices.tests.factories import make_device
from server.apps.ingest.models import RefusedUpload, StreamerReport
from server.apps.ingest.tests.sent import dictionary
from server.apps.ingest.tests.uploads import (
    RECEIVED,
    REPORTS,
    as_device,
    as_person,
    form,
    post,
    signed_list,
    upload,
)
from server.apps.streams.tests.factories import make_claimed_device
from server.core.rest.bodies import REPORT_BODY_BYTES
from server.core.storage import get_object

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


def test_an_upload_is_answered_with_the_number_of_readings(bob: Account, device: Device) -> None:
    answer = upload(signed_list(device, (1, 2, 3)), as_person(bob))

    assert answer.status_code == 201
    assert answer.json() == {"count": 3}


def test_the_answer_says_what_cannot_be_stored(bob: Account, device: Device) -> None:
    items = [
        {"stream": "5001", "streamer_local_id": 1, "value": 7},
        {"stream": "5001", "streamer_local_id": 2, "value": None},
        {"stream": "5001", "streamer_local_id": 3, "value": 7, "timestamp": "0001-01-01T00:00:00Z"},
    ]
    content = json.loads(dictionary(device, data=items, events=[]))

    body = form(json.dumps(content).encode(), disposition='name="file"; filename="report.json"')
    answer = post(body, as_person(bob))

    assert answer.status_code == 201
    assert answer.json() == {"count": 3, "refused": {"no-value": 1, "bad-time": 1}}


def test_weak_point_31_an_upload_is_kept_with_who_brought_it_and_when_it_was_received(
    bob: Account, device: Device
) -> None:
    data = signed_list(device, (5, 6))

    upload(data, as_person(bob))

    report = StreamerReport.objects.get()
    assert report.created_by == bob
    assert report.sent_timestamp == RECEIVED
    assert (report.original_first_id, report.original_last_id) == (5, 6)
    assert get_object(report.object_key) == data


@pytest.mark.parametrize("scheme", ["JWT", "jwt", "Token", "token"])
def test_a_person_may_upload_with_any_credential(bob: Account, device: Device, scheme: str) -> None:
    credential = as_person(bob)["Authorization"].split()[1]
    if scheme.lower() == "token":
        credential = create_api_token(user=bob)

    answer = upload(signed_list(device), {"Authorization": f"{scheme} {credential}"})

    assert answer.status_code == 201


def test_a_page_may_upload_with_the_session(bob: Account, device: Device) -> None:
    browser = Client()
    browser.force_login(bob)

    answer = browser.generic(
        "POST",
        f"{REPORTS}?timestamp=2021-03-01T11:23:15Z",
        form(signed_list(device)),
        content_type="multipart/form-data; boundary=a-line-that-no-report-has",
    )

    assert answer.status_code == 201


def test_a_session_without_the_csrf_token_may_not_upload(bob: Account, device: Device) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(bob)

    answer = browser.post(f"{REPORTS}?timestamp=2021-03-01T11:23:15Z")

    assert answer.status_code == 403
    assert not StreamerReport.objects.exists()


def test_a_device_may_upload_its_own_report(device: Device) -> None:
    answer = upload(signed_list(device), as_device(device))

    assert answer.status_code == 201
    assert StreamerReport.objects.get().created_by is None


def test_a_device_may_not_upload_the_report_of_another(project: Project, device: Device) -> None:
    other = make_claimed_device(project=project)

    answer = upload(signed_list(other), as_device(device))

    assert answer.status_code == 404
    assert answer.json() == {"detail": "Not found."}
    assert not StreamerReport.objects.exists()


def test_a_revoked_key_is_worth_nothing(device: Device) -> None:
    old = as_device(device)
    issue_upload_key(device=device, by=None)

    answer = upload(signed_list(device), old)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'JWT realm="api"'


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("get", "account/"), ("get", "org/"), ("get", "project/"), ("get", "device/"), ("get", "stream/")),
        *(("get", "variable/"), ("get", "data/?filter=d--0081"), ("get", "auth/user-info/")),
        *(("post", "auth/logout/"), ("get", "streamer/t--0000-0000-0000-0081--0000/")),
    ],
)
def test_a_device_key_opens_nothing_else(device: Device, method: str, path: str) -> None:
    answer = Client().generic(method.upper(), f"/api/v1/{path}", headers=as_device(device))

    assert answer.status_code == 403


def test_a_device_does_not_list_reports(device: Device) -> None:
    assert Client().get(REPORTS, headers=as_device(device)).status_code == 403


def test_weak_point_2_who_is_not_on_the_team_may_not_upload(charlie: Account, device: Device) -> None:
    answer = upload(signed_list(device), as_person(charlie))

    assert answer.status_code == 404
    assert answer.json() == {"detail": "Not found."}
    assert not StreamerReport.objects.exists()


def test_an_unknown_device_and_one_of_others_are_one_answer(charlie: Account, device: Device) -> None:
    unknown = Device(pk=0xABCDEF)

    answers = [upload(signed_list(which), as_person(charlie)) for which in (device, unknown)]

    assert answers[0].status_code == answers[1].status_code == 404
    assert answers[0].content == answers[1].content


def test_an_operator_may_upload(project: Project, device: Device) -> None:
    operator = make_account()
    add_member(org=project.org, user=operator, role=Role.OPERATOR)

    assert upload(signed_list(device), as_person(operator)).status_code == 201


def test_nobody_uploads_without_signing_in(device: Device) -> None:
    answer = upload(signed_list(device), {})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'JWT realm="api"'


def test_the_device_must_be_claimed(project: Project, alice: Account) -> None:
    device = make_device()
    device.org = project.org
    device.save(update_fields=["org"])

    answer = upload(signed_list(device), as_person(alice))

    assert answer.status_code == 400
    assert answer.json()["reason"] == "device-not-claimed"


@pytest.mark.parametrize("part_type", ["", "application/octet-stream", "text/plain"])
@pytest.mark.parametrize(
    "name",
    ["report.bin", "reports/000000d2-0000-1583020800000.bin", "C:\\\\reports\\\\report.bin", "REPORT.BIN"],
)
def test_a_part_is_accepted_whatever_its_content_type(
    bob: Account, device: Device, name: str, part_type: str
) -> None:
    body = form(signed_list(device), disposition=f'name="file"; filename="{name}"', part_type=part_type)

    assert post(body, as_person(bob)).status_code == 201


@pytest.mark.parametrize(
    ("text", "received"),
    [
        ("2021-03-01T11:23:15Z", RECEIVED),
        ("2021-03-01T11:23:15", RECEIVED),
        ("2021-03-01T11:23:15.326Z", RECEIVED + timedelta(milliseconds=326)),
        ("2021-03-01T11:23:15.326586", RECEIVED + timedelta(microseconds=326_586)),
        ("2021-03-01T13:23:15%2B02:00", RECEIVED),
        ("2021-03-01T13:23:15+02:00", RECEIVED),
        ("2021-03-01T06:23:15-05:00", RECEIVED),
    ],
)
def test_the_timestamp_is_read_in_every_form(
    bob: Account, device: Device, text: str, received: datetime
) -> None:
    answer = post(form(signed_list(device)), as_person(bob), query=f"?timestamp={text}")

    assert answer.status_code == 201
    assert StreamerReport.objects.get().sent_timestamp == received


@pytest.mark.parametrize(
    "query", ["", "?timestamp=", "?timestamp=yesterday", "?timestamp=%00", "?timestamp=" + "9" * 5000]
)
def test_a_timestamp_that_is_none_is_named(bob: Account, device: Device, query: str) -> None:
    answer = post(form(signed_list(device)), as_person(bob), query=query)

    assert answer.status_code == 400
    assert list(answer.json()) == ["timestamp"]
    assert not StreamerReport.objects.exists()


def test_a_timestamp_in_the_future_is_refused(bob: Account, device: Device) -> None:
    future = f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}"

    answer = post(form(signed_list(device)), as_person(bob), query=f"?timestamp={future}")

    assert answer.status_code == 400
    assert answer.json()["reason"] == "timestamp-in-future"


@pytest.mark.parametrize(
    "disposition", ['name="other"; filename="report.bin"', 'name="file"', 'name="file"; filename=""']
)
def test_a_form_without_a_file_names_the_file(bob: Account, device: Device, disposition: str) -> None:
    answer = post(form(signed_list(device), disposition=disposition), as_person(bob))

    assert answer.status_code == 400
    assert list(answer.json()) == ["file"]


def test_a_form_without_a_file_is_recorded_when_a_device_sends_it(device: Device) -> None:
    answer = post(form(b"", disposition='name="other"'), as_device(device))

    refused = RefusedUpload.objects.get()
    assert answer.status_code == 400
    assert (refused.device, refused.reason, refused.size_bytes) == (device, "no-file", 0)


def test_an_empty_file_is_refused_and_recorded(device: Device) -> None:
    answer = post(form(b""), as_device(device))

    assert answer.status_code == 400
    assert answer.json()["reason"] == RefusedUpload.objects.get(device=device).reason


def test_a_damaged_report_is_refused_with_its_place_and_kept(bob: Account, device: Device) -> None:
    data = bytearray(signed_list(device))
    data[30] ^= 1

    answer = upload(bytes(data), as_person(bob))

    refused = RefusedUpload.objects.get()
    assert answer.status_code == 400
    assert set(answer.json()) == {"detail", "reason", "offset", "field"}
    assert answer.json()["reason"] == refused.reason == "bad-hash"
    assert answer.json()["offset"] == refused.offset == len(data) - 16
    assert (refused.device, refused.created_by) == (device, bob)
    with default_storage.open(refused.object_key) as kept:
        assert kept.read() == bytes(data)


@pytest.mark.parametrize("data", [b"\x00", b"\xff" * 19, b"\x01" * 44, b"{}", b"\0" * 1000])
@pytest.mark.parametrize("name", ["report.bin", "report", "report.json", "report.mp", "report.txt"])
def test_what_is_no_report_is_400(bob: Account, device: Device, name: str, data: bytes) -> None:
    answer = post(form(data, disposition=f'name="file"; filename="{name}"'), as_person(bob))

    assert answer.status_code == 400
    assert answer.json()["reason"]


@pytest.mark.parametrize(
    "name",
    [
        *(
            '="a%00b.bin"',
            '="a\x01b.bin"',
            "*=UTF-8''a%00b.bin",
            f'="{"x" * 900}.bin"',
            '="naïve.bin"',
            '="..bin"',
        ),
        *('="report.' + "b" * 300 + '"', '="report.b\x02in"'),
    ],
)
def test_a_strange_file_name_does_no_harm(bob: Account, device: Device, name: str) -> None:
    answer = post(form(signed_list(device), disposition=f'name="file"; filename{name}'), as_person(bob))

    assert answer.status_code in {201, 400}
    assert StreamerReport.objects.count() + RefusedUpload.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{}", "application/json", 415),
        (b"timestamp=1", "application/x-www-form-urlencoded", 415),
        (b"\x01\x02", "application/octet-stream", 415),
        (b"nothing", "multipart/form-data", 400),
        (b"nothing", "multipart/form-data; boundary=", 400),
        (b"nothing", "multipart/form-data; boundary=" + "x" * 300, 415),
        (b"nothing", "multipart/form-data; boundary=abc", 400),
        (b"--abc\r\n", "multipart/form-data; boundary=abc", 400),
        (b"", "multipart/form-data; boundary=abc", 400),
        (b"", "application/json", 400),
    ],
)
def test_a_body_that_is_no_form_is_refused(bob: Account, body: bytes, content_type: str, status: int) -> None:
    answer = post(body, as_person(bob), content_type=content_type)

    assert answer.status_code == status
    assert isinstance(answer.json(), dict)


def test_too_large_a_body_is_413_before_it_is_read(bob: Account) -> None:
    answer = upload(b"\0" * (REPORT_BODY_BYTES + 1), as_person(bob))

    assert answer.status_code == 413
    assert list(answer.json()) == ["detail"]


def test_a_length_that_is_no_number_is_400(bob: Account, device: Device) -> None:
    answer = Client().generic(
        "POST",
        REPORTS,
        form(signed_list(device)),
        content_type="multipart/form-data; boundary=abc",
        headers={**as_person(bob), "Content-Length": "many"},
    )

    assert answer.status_code == 400


def test_too_large_a_file_is_400(bob: Account, settings: Settings) -> None:
    settings.REPORT_MAX_BYTES = 1000

    answer = upload(b"\0" * 1001, as_person(bob))

    assert answer.status_code == 400
    assert answer.json()["reason"] == "too-large"


def test_a_form_of_many_fields_is_400(bob: Account) -> None:
    part = b'--abc\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n'

    answer = post(
        part * 2000 + b"--abc--\r\n", as_person(bob), content_type="multipart/form-data; boundary=abc"
    )

    assert answer.status_code == 400


@pytest.mark.parametrize(("who", "most"), [("person", 8), ("device", 8)])
def test_an_upload_takes_few_queries(bob: Account, device: Device, who: str, most: int) -> None:
    headers = as_person(bob) if who == "person" else as_device(device)
    upload(signed_list(device, (1, 2)), headers)

    of_core, of_streamdata = (CaptureQueriesContext(connections[name]) for name in ("default", "streamdata"))
    with of_core, of_streamdata:
        answer = upload(signed_list(device, (3, 4)), headers)

    assert answer.status_code == 201
    assert len(of_core) <= most, [query["sql"][:80] for query in of_core]
    assert len(of_streamdata) == 0
