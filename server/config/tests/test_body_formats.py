"""Every write takes its fields as JSON, as a form and as MessagePack, by the same rules."""

import json
from collections import Counter
from typing import Any, Final
from urllib.parse import urlencode

import msgpack
import pytest
from django.test import Client
from rest_framework.test import APIClient

from server.apps.accounts.models import Account
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import PASSWORD
from server.apps.devices.models import Device
from server.apps.streams.models import StreamId
from server.config.operations import Operation, operations
from server.config.tests.callers import Caller, Installation
from server.config.tests.examples import Example
from server.config.tests.sending import example_of, joined, undone, url_of
from server.core.rest.bodies import MAX_BODY_BYTES

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

JSON, FORM, MSGPACK = "application/json", "application/x-www-form-urlencoded", "application/msgpack"
MULTIPART: Final = "multipart/form-data; boundary=frontier"
LOGIN: Final = "/api/v1/auth/login/"
WRITES: Final = [each for each in operations() if each.method in {"POST", "PUT", "PATCH"}]


def pairs_of(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Returns the fields as a form has them: text, repeated names for lists, JSON for
    documents."""
    values = [
        (name, each)
        for name, value in body.items()
        for each in (value if isinstance(value, list) else [value])
    ]
    return [(name, text_of(name, each)) for name, each in values]


def text_of(name: str, value: Any) -> str:
    if name in {"input_unit", "output_unit"} and isinstance(value, dict):
        return str(value["slug"])
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def multipart(pairs: list[tuple[str, str]]) -> bytes:
    parts = [
        f'--frontier\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in pairs
    ]
    return f"{''.join(parts)}--frontier--\r\n".encode()


def encoded(body: Any, content_type: str) -> bytes:
    if content_type == JSON:
        return json.dumps(body).encode()
    if content_type == MSGPACK:
        packed: bytes = msgpack.packb(body)
        return packed
    pairs = pairs_of(body)
    return urlencode(pairs).encode() if content_type == FORM else multipart(pairs)


def answer_to(
    operation: Operation, example: Example, url: str, caller: Caller, content_type: str
) -> tuple[int, Any]:
    query = joined(example.query, caller.query)
    with undone():
        answer: Any = APIClient(raise_request_exception=False).generic(
            operation.method,
            f"{url}?{query}",
            encoded(example.body, content_type),  # type: ignore[arg-type]  # takes bytes, too
            content_type,
            headers={"Authorization": caller.authorizations[0]},
        )
    problems = sorted(answer.json()) if answer.status_code == 400 else None
    return answer.status_code, problems


@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_a_write_takes_the_same_fields_in_every_format(
    operation: Operation, installation: Installation, walked: Counter[str]
) -> None:
    with undone():
        example = example_of(operation, installation.home)
        if not isinstance(example.body, dict) or example.format != "json":
            return
        url = url_of(operation, example, installation.home)

        for caller in (installation.caller("owner"), installation.caller("staff")):
            as_json = answer_to(operation, example, url, caller, JSON)
            for content_type in (FORM, MULTIPART, MSGPACK):
                assert answer_to(operation, example, url, caller, content_type) == as_json, content_type
                walked["bodies in another format"] += 1


def send(who: Account | None, method: str, path: str, body: bytes, content_type: str) -> Any:
    client = APIClient() if who is None else api_client(who)
    return client.generic(method, path, body, content_type)  # type: ignore[arg-type]  # takes bytes, too


@pytest.fixture
def path(device: Device) -> str:
    return f"/api/v1/device/{device.slug}/"


@pytest.fixture
def stream(device: Device) -> StreamId:
    return StreamId.objects.get(device=device)


def test_curl_signs_in_without_a_content_type(alice: Account) -> None:
    answer = send(None, "POST", LOGIN, urlencode({"email": alice.email, "password": PASSWORD}).encode(), FORM)

    assert answer.status_code == 200, answer.content
    assert {"jwt", "token", "username"} <= answer.json().keys()


def test_a_flag_that_a_form_leaves_out_keeps_its_default(alice: Account, path: str) -> None:
    preview = f"{path}reset/?dry_run=1"

    as_form = send(alice, "POST", preview, b"full=true", FORM)
    as_json = send(alice, "POST", preview, b'{"full": true}', JSON)

    assert as_form.status_code == 200, as_form.content
    assert as_form.json() == as_json.json()


def test_an_unknown_field_of_a_form_is_named(alice: Account, path: str) -> None:
    answer = send(alice, "PATCH", path, b"colour=x", FORM)

    assert (answer.status_code, answer.json()) == (400, {"colour": ["There is no such field."]})


@pytest.mark.parametrize(
    ("content_type", "body", "words"),
    [
        (FORM, b"label=\xff", "not in UTF-8"),
        (FORM, b"label=%ff", "not in UTF-8"),
        (FORM, b"&".join(b"label=x" for _ in range(1001)), "too many fields"),
        (MULTIPART, multipart([("label", "?")]).replace(b"?", b"\xff"), "not in UTF-8"),
        (MULTIPART, b"nothing", "before its last boundary"),
        (MULTIPART, multipart([("label", "x"), ("lat", "1")])[:90], "before its last boundary"),
        (MULTIPART.replace("boundary", "border"), b"----", "boundary"),
        (MSGPACK, b"\x81\xa5label\xa1", "ends inside a value"),
        (MSGPACK, b"\xc1", "not MessagePack"),
        (MSGPACK, msgpack.packb({"label": "x"}) + b"\xc0", "after the end of the map (byte 9)"),
        (MSGPACK, b"\x91" * 1100 + b"\xc0", "inside each other"),
        (MSGPACK, b"\xdd\xff\xff\xff\xff", "ends inside a value"),
        (MSGPACK, msgpack.packb({"lat": float("nan")}), "nan has no form in JSON"),
        (MSGPACK, msgpack.packb({"label": msgpack.ExtType(4, b"x")}), "has no form in JSON"),
        (MSGPACK, msgpack.packb({"label": msgpack.Timestamp(1)}), "has no form in JSON"),
    ],
)
def test_a_body_that_cannot_be_read_is_a_400(
    alice: Account, device: Device, path: str, content_type: str, body: bytes, words: str
) -> None:
    before = device.label

    answer = send(alice, "PATCH", path, body, content_type)

    assert answer.status_code == 400, answer.content
    assert words in answer.json()["detail"]
    device.refresh_from_db()
    assert device.label == before


@pytest.mark.parametrize("charset", ["base64", "idna", "utf-16", "nonsense"])
@pytest.mark.parametrize("content_type", [FORM, "multipart/form-data; boundary=frontier"])
def test_a_form_is_utf_8_whatever_it_says(alice: Account, path: str, content_type: str, charset: str) -> None:
    body = (
        multipart([("label", "Keller Süd")]) if "multipart" in content_type else "label=Keller Süd".encode()
    )

    answer = send(alice, "PATCH", path, body, f"{content_type}; charset={charset}")

    assert answer.status_code in {200, 400}
    assert answer.status_code == 400 or answer.json()["label"] == "Keller Süd"


def test_a_document_in_a_form_is_json(alice: Account, path: str) -> None:
    slug = path.split("/")[4]
    valid, invalid = (urlencode({"slugs": slug, "codes": text}).encode() for text in ("{}", "{"))

    answers = [send(alice, "POST", "/api/v1/device/claimable/", each, FORM) for each in (valid, invalid)]

    assert [each.status_code for each in answers] == [202, 400]
    assert "not JSON" in answers[1].json()["codes"][0]


@pytest.mark.parametrize("content_type", [FORM, MULTIPART, MSGPACK])
def test_every_format_has_the_same_limit(alice: Account, path: str, content_type: str) -> None:
    answer = send(alice, "PATCH", path, encoded({"label": "x" * MAX_BODY_BYTES}, content_type), content_type)

    assert answer.status_code == 413


def test_a_form_of_another_site_does_nothing_with_the_cookie_of_a_session(
    alice: Account, device: Device, path: str
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)

    answer = client.post(f"{path}new_property/", {"name": "colour", "str_value": "blue"})

    assert answer.status_code == 403


def test_events_are_posted_as_message_pack(alice: Account, stream: StreamId) -> None:
    event = {"stream": stream.slug, "timestamp": "2021-03-01T11:25:00Z", "extra_data": {"peak": 7}}

    answer = send(alice, "POST", "/api/v1/event/", msgpack.packb([event, event]), MSGPACK)

    assert (answer.status_code, answer.json()) == (201, {"count": 2})
