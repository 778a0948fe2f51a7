"""Whatever is sent: never a 5xx, and what is accepted is what is read back."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.api.in_.tests.boards import board
from server.apps.devices.models import Device, Project
from server.apps.devices.tests.factories import make_device
from server.apps.streams.models import StreamId
from server.apps.streams.tests.data import Answer
from server.apps.streams.tests.factories import enter
from server.apps.streams.tests.written import rows_in
from server.lib.named_values import KEY, TIME
from stack.examples import examples

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

SEEN = settings(
    max_examples=examples(150),
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
numbers = st.integers() | st.floats(allow_nan=False)
times = (
    st.none()
    | st.booleans()
    | numbers
    | st.text(max_size=30)
    | st.datetimes().map(lambda t: f"{t.isoformat()}Z")
)
names = st.text(max_size=61) | st.sampled_from(["temperature", "rssi", TIME, KEY, "detail"])
trees = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(names, numbers | trees, max_size=4) | st.fixed_dictionaries(
    {TIME: times, "temperature": numbers}
)
documents = objects | st.lists(objects, max_size=4) | trees
cells = (
    st.text(max_size=8)
    | numbers.map(str)
    | st.sampled_from(["temperature", "2026-03-01T11:23:15Z", "1772364195"])
)
lines = st.lists(st.lists(cells, max_size=4).map(",".join), max_size=5).map("\n".join)
decimals = st.integers(-(2**31), 2**31 - 1).map(lambda word: float(f"{word}e-3"))
good_names = st.text(st.characters(categories=["L", "N"], codec="utf-8"), min_size=1, max_size=60).filter(
    lambda name: name not in {TIME, KEY}
)


@pytest.fixture
def device(project: Project) -> Device:
    return enter(make_device(), project)


@pytest.fixture
def send(device: Device) -> Callable[..., Answer]:
    return board(device)


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic(), transaction.atomic(using="streamdata"):
        yield
        transaction.set_rollback(True)
        transaction.set_rollback(True, using="streamdata")


def assert_whole_or_nothing(answer: Answer, before: list[Any]) -> None:
    assert answer.status_code in {201, 400, 415}, answer.content
    if answer.status_code == 201:
        assert len(rows_in("reading", "seq")) == len(before) + answer.json()["stored"]
    else:
        assert rows_in("reading", "seq") == before
        assert answer.json()


def test_any_document_is_stored_whole_or_refused(send: Callable[..., Answer]) -> None:
    @SEEN
    @given(document=documents, query=st.sampled_from(["", "?round=1"]))
    def sent(document: Any, query: str) -> None:
        with undone():
            answer = send(json.dumps(document).encode("utf-8", "surrogatepass"), query)
            assert_whole_or_nothing(answer, [])

    sent()


def test_any_lines_are_stored_whole_or_refused(send: Callable[..., Answer]) -> None:
    @SEEN
    @given(data=lines.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=80))
    def sent(data: bytes) -> None:
        with undone():
            assert_whole_or_nothing(send(data, content_type="text/csv"), [])

    sent()


def test_any_bytes_of_any_type_are_no_error_of_ours(send: Callable[..., Answer]) -> None:
    kinds = [
        *("application/json", "application/x-www-form-urlencoded", "application/msgpack"),
        *("multipart/form-data; boundary=x", "text/csv; charset=utf-7", "text/plain", "x"),
    ]

    @SEEN
    @given(data=st.binary(max_size=80), kind=st.sampled_from(kinds))
    def sent(data: bytes, kind: str) -> None:
        with undone():
            assert_whole_or_nothing(send(data, content_type=kind), [])

    sent()


def test_what_is_sent_is_what_is_read_back(send: Callable[..., Answer], device: Device) -> None:
    @SEEN
    @given(
        found=st.lists(
            st.tuples(good_names, st.integers(946_684_800, 1_772_364_195), decimals),
            min_size=1,
            max_size=20,
            unique=True,
        )
    )
    def sent(found: list[tuple[str, int, float]]) -> None:
        with undone():
            answer = send([{TIME: at, name: value} for name, at, value in found])

            assert (answer.status_code, answer.json()["stored"]) == (201, len(found)), answer.content
            keys = dict(StreamId.objects.filter(device=device).values_list("key", "variable__sent_name"))
            stored = rows_in("reading", "stream_key, extract(epoch FROM ts)::bigint, value", "seq")
            assert [(keys[int(str(key))], at, value) for key, at, value in stored] == found
            assert {each["decimals"] for each in answer.json()["variables"].values()} <= set(range(10))

    sent()
