"""Boards that can set no header: the address has the id of the key, the body has the key."""

import base64
import json

import pytest
from django.test import Client

from server.api.in_.tests.boards import address_of
from server.apps.devices.models import Device, Project
from server.apps.devices.services.keys import issue_upload_key
from server.apps.devices.tests.factories import make_device
from server.apps.streams.models import StreamVariable
from server.apps.streams.tests.data import Answer
from server.apps.streams.tests.factories import enter
from server.apps.streams.tests.written import rows_in

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.fixture
def device(project: Project) -> Device:
    return enter(make_device(), project)


def send(address: str, data: bytes, content_type: str = "application/json", **headers: str) -> Answer:
    return Client(raise_request_exception=False).generic(
        "POST", address, data, content_type=content_type, headers=headers
    )


def basic(password: str, user: str = "board") -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_the_key_beside_the_values_is_no_value(device: Device) -> None:
    address, key = address_of(device)

    answer = send(address, json.dumps({"key": key, "t": 21.5}).encode())

    assert answer.status_code == 201, answer.content
    assert rows_in("reading", "value") == [(21.5,)]
    assert [each.sent_name for each in StreamVariable.objects.exclude(sent_name="")] == ["t"]


def test_the_key_can_be_a_field_of_a_form(device: Device) -> None:
    address, key = address_of(device)

    answer = send(address, f"key={key}&t=21.5".encode(), "application/x-www-form-urlencoded")

    assert answer.status_code == 201, answer.content
    assert rows_in("reading", "value") == [(21.5,)]


@pytest.mark.parametrize(
    ("data", "content_type"), [(b"t,21.5\n", "text/csv"), (b'[{"t": 21.5}]', "application/json")]
)
def test_lists_and_lines_come_with_a_password(device: Device, data: bytes, content_type: str) -> None:
    address, key = address_of(device)

    answer = send(address, data, content_type, Authorization=basic(key, user=""))

    assert answer.status_code == 201, answer.content
    assert rows_in("reading", "value") == [(21.5,)]


def test_the_header_works_at_this_address_too(device: Device) -> None:
    address, key = address_of(device)

    assert send(address, b'{"t": 1}', Authorization=f"Device-Key {key}").status_code == 201


def test_an_idempotency_key_works_without_an_authorization_header(device: Device) -> None:
    address, key = address_of(device)
    data = json.dumps({"key": key, "t": 1}).encode()

    answers = [send(address, data, **{"Idempotency-Key": "7"}) for _ in range(2)]

    assert [each.status_code for each in answers] == [201, 201]
    assert rows_in("reading", "seq") == [(1,)]


@pytest.mark.parametrize(
    "data",
    [
        b'{"t": 1}',
        b'{"key": "fdk_wrong", "t": 1}',
        b'{"key": 5, "t": 1}',
        b'{"key": null, "t": 1}',
        b'[{"key": "fdk_wrong"}]',
        b"{",
        b"\xff",
        b"",
        b"[" * 5000,
    ],
)
def test_without_the_key_nothing_is_stored(device: Device, data: bytes) -> None:
    address, _ = address_of(device)

    assert send(address, data).status_code == 401
    assert rows_in("reading") == []


def test_the_address_and_the_key_must_be_of_one_device(device: Device, project: Project) -> None:
    address, _ = address_of(device)
    other = issue_upload_key(device=enter(make_device(), project), by=None)

    for credential in (basic(other), f"Device-Key {other}"):
        assert send(address, b'{"t": 1}', Authorization=credential).status_code == 401
    assert send(address, json.dumps({"key": other, "t": 1}).encode()).status_code == 401
    assert rows_in("reading") == []


def test_an_address_ends_with_its_key(device: Device) -> None:
    address, old = address_of(device)
    issue_upload_key(device=device, by=None)

    assert send(address, json.dumps({"key": old, "t": 1}).encode()).status_code == 401


@pytest.mark.parametrize(
    "credential", ["Basic", "Basic !", "Basic eA==", "Basic /w==", "Device-Key", "Basic \xe4"]
)
def test_a_broken_credential_is_a_401(device: Device, credential: str) -> None:
    address, _ = address_of(device)

    assert send(address, b'{"t": 1}', Authorization=credential).status_code == 401
