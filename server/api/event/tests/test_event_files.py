"""Events over REST: their large parts, and files that are uploaded as such."""

import gzip
import json
import tracemalloc
import uuid
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from server.api.event.tests.events import AT, EVENT, Send, event, get, kept, send, stream
from server.apps.accounts.models import Account
from server.apps.accounts.services.signing import issue_jwt
from server.apps.streams.models import StreamId
from server.apps.streams.services.payloads import event_token
from server.apps.streams.tests.data import Answer, Get, body, text
from server.apps.streams.tests.written import rows_in

__all__ = ["get", "send", "stream"]  # fixtures


pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


def test_the_large_part_is_read_as_it_was_posted(send: Send, get: Get, stream: StreamId) -> None:
    made = body(send("POST", EVENT, event(stream, data={"large": [1, 2.5, "ü"]})))

    assert json.loads(text(get(f"{EVENT}{made['id']}/data/"))) == {"large": [1, 2.5, "ü"]}


def test_an_event_without_a_large_part_says_so(send: Send, get: Get, stream: StreamId) -> None:
    made = body(send("POST", EVENT, event(stream)))

    for part in ("data", "url"):
        response = get(f"{EVENT}{made['id']}/{part}/")
        assert (response.status_code, body(response)) == (404, {"error": "Event has no data"})


def test_an_address_works_without_signing_in_for_a_while(send: Send, get: Get, stream: StreamId) -> None:
    made = body(send("POST", EVENT, event(stream, data={"x": 1})))

    url = body(get(f"{EVENT}{made['id']}/url/"))["url"]

    assert json.loads(text(Client().get(urlsplit(url).path))) == {"x": 1}
    assert Client().get(urlsplit(url).path[:-3] + "x/").status_code == 404
    assert Client().get(f"{EVENT}file/{event_token(uuid.uuid4())}/").status_code == 404
    assert Client().get(f"{EVENT}file/x/").status_code == 404


# Uploads


def upload(user: Account, stream: StreamId, name: str, data: bytes, **fields: str) -> Answer:
    form = {"stream": stream.slug, "timestamp": AT.isoformat(), **fields}
    return Client().post(
        f"{EVENT}upload/",
        {**form, "file": SimpleUploadedFile(name, data)},
        headers={"Authorization": f"JWT {issue_jwt(user=user)}"},
    )


def test_an_upload_without_a_form_has_no_file(send: Send, stream: StreamId) -> None:
    answer = send("POST", f"{EVENT}upload/", {"stream": stream.slug})

    assert (answer.status_code, [*body(answer)]) == (400, ["file"])


@pytest.mark.parametrize(
    ("name", "data"),
    [("e.json", b'{"acc": [1, 2]}'), ("E.JSON.GZ", gzip.compress(b'{"acc": [1, 2]}'))],
    ids=["plain", "gzip"],
)
def test_an_uploaded_file_is_the_large_part(
    alice: Account, get: Get, stream: StreamId, name: str, data: bytes
) -> None:
    response = upload(alice, stream, name, data, encoded_extra_data='{"n": 7}', streamer_local_id="9")

    assert response.status_code == 201, response.content
    made = body(response)
    assert (made["extra_data"], made["streamer_local_id"], made["has_raw_data"]) == ({"n": 7}, 9, True)
    assert made["ext"] == name.lower().partition(".")[2]
    assert json.loads(text(get(f"{EVENT}{made['id']}/data/"))) == {"acc": [1, 2]}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("e.csv", b"{}"),
        ("json", b"{}"),
        ("e.json", b"{"),
        ("e.json", b"[" * 100_000),
        ("e.json", b'{"x": NaN}'),
        ("e.json", b"\xff\xfe"),
        ("e.json.gz", b"{}"),
        ("e.json.gz", gzip.compress(b"{}")[:-4]),
        ("e.json.gz", gzip.compress(b"{}") + b"more"),
        ("e.json.gz", gzip.compress(b'"' + b"x" * 70_000_000 + b'"')),
    ],
    ids=["csv", "no-ending", "half", "deep", "nan", "no-text", "not-gzip", "cut", "more", "bomb"],
)
def test_a_file_that_is_not_what_it_says_is_refused(
    alice: Account, stream: StreamId, name: str, data: bytes
) -> None:
    before = kept()

    response = upload(alice, stream, name, data)

    assert response.status_code == 400
    assert list(body(response)) == ["file"]
    assert rows_in("event") == []
    assert kept() == before


def lists_in_a_list(size_bytes: int) -> bytes:
    """JSON that takes 25 times its size when it is parsed."""
    return b"[" + b"[]," * (size_bytes // 3) + b"[]]"


@pytest.mark.parametrize(
    ("document", "reason", "most_bytes"),
    [
        (b'["' + b"a" * 60_000_000 + b'"]', "more than 16777216 bytes", 60_000_000),
        (lists_in_a_list(60_000_000), "more than 262144 maps and lists", 5_000_000),
    ],
    ids=["too long", "too many"],
)
def test_a_file_that_would_fill_the_memory_is_refused_before_it_is_parsed(
    alice: Account, stream: StreamId, document: bytes, reason: str, most_bytes: int
) -> None:
    data = gzip.compress(document)
    assert len(data) < 61_272
    tracemalloc.start()

    response = upload(alice, stream, "e.json.gz", data)

    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert response.status_code == 400
    assert reason in body(response)["file"][0]
    assert peak_bytes < most_bytes


def test_a_summary_that_would_fill_the_memory_is_refused(alice: Account, stream: StreamId) -> None:
    document = lists_in_a_list(1_000_000).decode()

    response = upload(alice, stream, "e.json", b"{}", encoded_extra_data=document)

    assert response.status_code == 400
    assert list(body(response)) == ["encoded_extra_data"]


def test_a_file_for_a_stream_of_others_is_not_kept(charlie: Account, stream: StreamId) -> None:
    before = kept()

    assert upload(charlie, stream, "e.json", b"{}").status_code == 400
    assert kept() == before


@pytest.mark.parametrize("document", ["{", "5", '{"x": NaN}', "[]"])
def test_a_summary_that_is_no_object_is_refused(alice: Account, stream: StreamId, document: str) -> None:
    assert upload(alice, stream, "e.json", b"{}", encoded_extra_data=document).status_code == 400


def test_an_upload_without_a_file_is_refused(alice: Account, stream: StreamId) -> None:
    response = Client().post(
        f"{EVENT}upload/",
        {"stream": stream.slug},
        headers={"Authorization": f"JWT {issue_jwt(user=alice)}"},
    )

    assert (response.status_code, list(body(response))) == (400, ["file"])


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_uploads_are_posts(alice: Account, method: str) -> None:
    headers = {"Authorization": f"JWT {issue_jwt(user=alice)}"}

    assert getattr(Client(), method)(f"{EVENT}upload/", headers=headers).status_code == 405
