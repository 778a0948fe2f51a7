"""What is found out about an event later goes into its document, when the event is there."""

import json
import uuid
from typing import Any

import pytest

from server.apps.devices.models import Device
from server.apps.streams.jobs import UpdateEventExtraData
from server.apps.streams.tests.written import Sender, event, rows_in
from server.core.queue import enqueue
from worker.action import Discard
from worker.testing import memory_queue, run_pending_jobs

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


def stored_event(device: Device) -> str:
    Sender(device).send(events=[event(5, summary=7)])
    [(event_id,)] = rows_in("event", "uuid::text")
    return str(event_id)


def documents() -> list[Any]:
    return [json.loads(str(document)) for (document,) in rows_in("event", "extra_data::text")]


def put(event_id: str, extra_data: str) -> int:
    enqueue(UpdateEventExtraData(uuid=event_id, extra_data=extra_data))
    return run_pending_jobs()


def test_keys_go_into_the_document_and_others_stay(device: Device) -> None:
    put(stored_event(device), '{"peak": {"g": 1.5}, "name": "bump"}')

    assert documents() == [{"n": 7, "peak": {"g": 1.5}, "name": "bump"}]


def test_run_twice_it_changes_nothing_more(device: Device) -> None:
    event_id = stored_event(device)

    for _ in range(2):
        put(event_id, '{"n": 8}')

    assert documents() == [{"n": 8}]


def test_it_waits_for_an_event_that_is_not_there_yet() -> None:
    runs = put(str(uuid.uuid4()), '{"n": 8}')

    assert runs == 1
    assert memory_queue().depth().waiting == 1


@pytest.mark.parametrize(
    ("event_id", "extra_data"),
    [
        ("no-uuid", "{}"),
        (str(uuid.UUID(int=1)), "[]"),
        (str(uuid.UUID(int=1)), "{"),
        (str(uuid.UUID(int=1)), '{"a": NaN}'),
        (str(uuid.UUID(int=1)), '{"a": "\\u0000"}'),
        (str(uuid.UUID(int=1)), f'{{"a": {2**70}}}'),
    ],
)
def test_what_can_never_be_put_there_is_given_up(event_id: str, extra_data: str) -> None:
    with pytest.raises(Discard, match="can never be put"):
        put(event_id, extra_data)
