from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
from structlog.testing import capture_logs

from server.core.errors import Unavailable
from server.core.queue import Outcome, message_of
from server.core.queue.backends.memory import MemoryQueue
from server.core.queue.log.masking import MASK, without_secrets
from worker.action import Action, Discard
from worker.assembly import build_bare_loop
from worker.middleware.logging import MAX_ARGUMENT, MAX_ARGUMENTS, truncate_arguments
from worker.tests.jobs import Call, Note, action_raising, actions


@dataclass(frozen=True, slots=True)
class SignIn:
    action: ClassVar[str] = "sign-in"
    order_key: ClassVar[str] = ""

    account: int
    password: str = ""
    pin: str = field(default="", metadata={"secret": True})


class Sign(Action[SignIn]):
    """Sign in."""

    def execute(self, job: SignIn) -> None: ...


def drain(queue: MemoryQueue, table: Mapping[str, type[Action[Any]]]) -> None:
    build_bare_loop(queue, actions=table).drain()


def test_a_run_leaves_a_record(queue: MemoryQueue) -> None:
    sent = message_of(Note("hello"))
    queue.send([sent])

    drain(queue, actions())

    [record] = queue.records
    assert (record.message_id, record.action, record.attempt) == (sent.id, "note", 1)
    assert (record.outcome, record.arguments["text"], record.detail) == (Outcome.DONE, "hello", "")
    assert record.duration_ms > 0


@pytest.mark.parametrize(
    ("error", "outcome", "detail"),
    [
        (ValueError("x"), Outcome.RETRIED, "ValueError: x"),
        (Unavailable("unavailable"), Outcome.DEFERRED, "Unavailable: unavailable"),
        (Discard("no use"), Outcome.DEAD, "no use"),
    ],
)
def test_a_failed_run_leaves_its_reason(
    queue: MemoryQueue, error: Exception, outcome: Outcome, detail: str
) -> None:
    queue.send([message_of(Call())])

    drain(queue, actions(action_raising(error)))

    [record] = queue.records
    assert (record.outcome, record.detail) == (outcome, detail)


def test_an_unreadable_message_leaves_a_record(queue: MemoryQueue) -> None:
    queue.send_body("poison")

    drain(queue, actions())

    [record] = queue.records
    assert (record.message_id, record.action, record.outcome) == ("", "", Outcome.DEAD)


def test_secrets_are_not_recorded(queue: MemoryQueue) -> None:
    queue.send([message_of(SignIn(account=5, password="hunter2", pin="1234"))])

    drain(queue, {"sign-in": Sign})

    [record] = queue.records
    assert record.arguments == {"account": 5, "password": MASK, "pin": MASK}


def test_secrets_of_a_message_that_nobody_knows_are_not_recorded() -> None:
    masked = without_secrets(
        {"api_key": "x", "ApiKey": "x", "access_token": "x", "client_secret": "x", "n": 1}, object
    )

    assert masked == {"api_key": MASK, "ApiKey": MASK, "access_token": MASK, "client_secret": MASK, "n": 1}


def test_secrets_deep_in_the_arguments_are_not_recorded() -> None:
    masked = without_secrets(
        {
            "headers": {"Api-Key": "x", "Authorization": "x", "n": 1},
            "steps": [[{"password": "x"}], {"access_token": "x"}, 2],
        },
        object,
    )

    assert masked == {
        "headers": {"Api-Key": MASK, "Authorization": MASK, "n": 1},
        "steps": [[{"password": MASK}], {"access_token": MASK}, 2],
    }


def test_what_is_nested_without_end_is_recorded_to_a_depth(queue: MemoryQueue) -> None:
    deep = "[" * 400 + "]" * 400
    queue.send_body('{"id": "1", "action": "unheard-of", "arguments": {"x": ' + deep + "}}")

    drain(queue, actions())

    [record] = queue.records
    assert record.outcome is Outcome.DEAD
    assert len(str(record.arguments)) < 200


@pytest.mark.parametrize("value", ["é" * 100_000, list(range(50_000)), {"x" * 20_000: 1}])
def test_long_arguments_are_recorded_by_their_beginning(value: object) -> None:
    recorded = truncate_arguments({"id": 5, "short": [1, 2], "long": value})

    assert (recorded["id"], recorded["short"]) == (5, [1, 2])
    assert len(recorded["long"]) == MAX_ARGUMENT + 1


def test_a_thousand_arguments_are_not_all_recorded() -> None:
    recorded = truncate_arguments({str(number) * 100: number for number in range(1000)})

    assert len(recorded) <= MAX_ARGUMENTS
    assert max(map(len, recorded)) <= 100


def test_a_run_writes_one_line(queue: MemoryQueue) -> None:
    queue.send([message_of(Note("hello"))])

    with capture_logs() as logs:
        drain(queue, actions())

    assert [(line["event"], line["log_level"]) for line in logs] == [("job done", "info")]


def test_a_failed_run_logs_its_reason(queue: MemoryQueue) -> None:
    queue.send([message_of(Call())])

    with capture_logs() as logs:
        drain(queue, actions(action_raising(ValueError("x"))))

    assert [(line["event"], line["reason"]) for line in logs] == [("job comes again", "ValueError: x")]
