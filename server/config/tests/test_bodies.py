"""What a request may bring: its size, its encoding, its framing. Over the whole stack of
middleware."""

import gzip
import io
import json
from typing import Any

import pytest
from django.test import Client

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest.models import StreamerReport
from server.apps.ingest.tests import uploads
from server.apps.ingest.tests.uploads import as_person, form, post, signed_list
from server.core.rest.bodies import DOCUMENT_BODY_BYTES, MAX_BODY_BYTES, REPORT_BODY_BYTES, body_limit

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

JSON = "application/json"


@pytest.fixture
def path(device: Device) -> str:
    return f"/api/v1/device/{device.slug}/"


def patch(path: str, who: dict[str, str], body: bytes, **headers: str) -> Any:
    return Client().patch(path, body, content_type=JSON, headers={**who, **headers})


def test_a_small_view_takes_64_kb(alice: Account, path: str) -> None:
    body = json.dumps({"label": "x" * MAX_BODY_BYTES}).encode()

    answer = patch(path, as_person(alice), body)

    assert answer.status_code == 413
    assert answer.json() == {
        "detail": f"The request is too large: at most {MAX_BODY_BYTES} bytes are possible here."
    }


def test_a_page_says_so_on_a_page() -> None:
    answer = Client(enforce_csrf_checks=True).post("/account/login/", {"login": "x" * MAX_BODY_BYTES})

    assert answer.status_code == 413
    assert "The request is too large" in answer.content.decode()
    assert answer.headers["Content-Type"].startswith("text/html")


def test_a_body_that_is_too_large_is_not_read(alice: Account, path: str) -> None:
    class Unread(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise AssertionError("somebody read the body")

    answer = Client().generic(
        "PATCH",
        path,
        b"",
        JSON,
        False,
        headers=as_person(alice),
        **{"CONTENT_LENGTH": "99999999", "wsgi.input": Unread()},  # type: ignore[arg-type]  # of the environment
    )

    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/api/v1/streamer/report/", REPORT_BODY_BYTES),
        ("/api/v1/streamer/report", REPORT_BODY_BYTES),
        ("/api/v1/event/upload/", REPORT_BODY_BYTES),
        ("/api/v1/sg/", DOCUMENT_BODY_BYTES),
        ("/device/d--0000-0000-0000-0001/upload/", REPORT_BODY_BYTES),
        ("/account/login/", MAX_BODY_BYTES),
        ("/api/v1/auth/login/", MAX_BODY_BYTES),
        ("/nowhere", MAX_BODY_BYTES),
    ],
)
def test_each_view_says_what_it_takes(path: str, limit: int) -> None:
    assert body_limit(path) == limit


def test_json_may_be_compressed(alice: Account, device: Device, path: str) -> None:
    answer = patch(
        path, as_person(alice), gzip.compress(b'{"label": "Cellar"}'), **{"Content-Encoding": "gzip"}
    )

    device.refresh_from_db()
    assert (answer.status_code, device.label) == (200, "Cellar")


def test_a_report_may_be_compressed_as_a_whole_form(alice: Account, device: Device) -> None:
    body = gzip.compress(form(signed_list(device, (1, 2, 3))))

    answer = post(body, {**as_person(alice), "Content-Encoding": "gzip"})

    assert (answer.status_code, answer.json()) == (201, {"count": 3})
    assert StreamerReport.objects.count() == 1


def test_a_small_body_that_unpacks_to_a_large_one_is_refused(alice: Account, path: str) -> None:
    answer = patch(path, as_person(alice), gzip.compress(b" " * 50_000_000), **{"Content-Encoding": "gzip"})

    assert answer.status_code == 413
    assert "unpacked" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"not gzip", "is not compressed with gzip"),
        (gzip.compress(b"{}")[:-4], "cut off"),
        (gzip.compress(b"{}") + b"more", "followed by something else (byte 22)"),
    ],
    ids=["no gzip", "cut off", "something after it"],  # gzip holds the time, which differs by process
)
def test_a_damaged_gzip_body_is_named(alice: Account, path: str, body: bytes, words: str) -> None:
    answer = patch(path, as_person(alice), body, **{"Content-Encoding": "gzip"})

    assert answer.status_code == 400
    assert words in answer.json()["detail"]


def test_another_encoding_is_refused(alice: Account, path: str) -> None:
    answer = patch(path, as_person(alice), b"{}", **{"Content-Encoding": "br"})

    assert (answer.status_code, answer.json()) == (
        415,
        {"detail": "The Content-Encoding is not supported: send gzip, or none."},
    )


def test_a_body_whose_size_the_server_does_not_pass_on_is_refused(alice: Account, path: str) -> None:
    request = Client().generic(
        "PATCH",
        path,
        b"",
        JSON,
        headers={**as_person(alice), "Transfer-Encoding": "chunked"},
        CONTENT_LENGTH="",
    )

    assert request.status_code == 411


def test_a_byte_order_mark_before_json_is_no_fault(alice: Account, device: Device, path: str) -> None:
    answer = patch(path, as_person(alice), b'\xef\xbb\xbf{"label": "Roof"}')

    device.refresh_from_db()
    assert (answer.status_code, device.label) == (200, "Roof")


def test_json_that_is_not_utf_8_names_the_byte(alice: Account, path: str) -> None:
    answer = patch(path, as_person(alice), b'{"label": "\xe9"}')

    assert (answer.status_code, answer.json()) == (400, {"detail": "JSON parse error - not UTF-8 (byte 11)"})


def test_json_of_a_million_lists_is_refused_before_it_is_parsed(alice: Account) -> None:
    body = b"[" + b"[]," * 300_000 + b"[]]"

    answer = Client().post("/api/v1/data/", body, content_type=JSON, headers=as_person(alice))

    assert answer.status_code == 400
    assert "more than 262144 maps and lists" in answer.json()["detail"]


def test_a_write_without_the_last_slash_is_a_write(alice: Account, path: str, device: Device) -> None:
    answer = patch(path.rstrip("/"), as_person(alice), b'{"label": "Attic"}')

    device.refresh_from_db()
    assert (answer.status_code, device.label) == (200, "Attic")


def test_an_upload_without_the_last_slash_is_an_upload(
    alice: Account, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "REPORTS", uploads.REPORTS.rstrip("/"))

    answer = post(form(signed_list(device, (1, 2))), as_person(alice))

    assert (answer.status_code, answer.json()) == (201, {"count": 2})


def test_a_read_without_the_last_slash_is_led_to_it(alice: Account, path: str) -> None:
    answer = Client().get(path.rstrip("/"), headers=as_person(alice))

    assert (answer.status_code, answer.headers["Location"]) == (301, path)


def test_a_failure_of_the_program_is_json_in_the_api(
    alice: Account, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.api.device.views.devices.device_for", lambda *a, **k: 1 / 0)

    answer = Client(raise_request_exception=False).get(path, headers=as_person(alice))

    assert (answer.status_code, answer.json()) == (
        500,
        {"detail": "The error is on our side and has been logged."},
    )
