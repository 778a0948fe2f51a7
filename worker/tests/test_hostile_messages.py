"""Whatever is put on the queue, the loop goes on and the message is removed from the queue, on
every back end."""

import json

import pytest

from server.core.queue import message_of
from server.core.queue.tests.fixtures import QueueSetup, queue_setup
from worker.action import Discard
from worker.assembly import build_bare_loop
from worker.tests.jobs import Call, Note, action_raising, actions, notes

__all__ = ["queue_setup"]

HALF_A_CHARACTER = "\ud800"


def message(**changes: object) -> str:
    return json.dumps({"id": "1", "action": "note", "arguments": {"text": "a"}, "key": "", **changes})


def nested(depth: int) -> str:
    deep = "[" * depth + "]" * depth
    return f'{{"id": "1", "action": "note", "arguments": {{"text": {deep}}}, "key": ""}}'


@pytest.mark.parametrize(
    "body",
    [
        message(action=HALF_A_CHARACTER),
        message(id=HALF_A_CHARACTER, arguments={}),
        message(arguments={HALF_A_CHARACTER: HALF_A_CHARACTER}),
        message(arguments={"text": [HALF_A_CHARACTER]}),
        message(id="\0", action="\0", arguments={"\0": "\0"}, key="\0"),
        message(action="a" * 100_000),
        nested(100_000),
    ],
    ids=lambda body: f"{body[:60]}… {len(body)}",
)
def test_weak_point_17_a_hostile_message_goes_to_the_dead_letters_and_the_next_job_runs(
    queue_setup: QueueSetup, body: str
) -> None:
    queue_setup.send_body(body)
    queue_setup.queue.send([message_of(Note("next"))])

    build_bare_loop(queue_setup.queue, actions=actions()).drain()

    assert [dead_letter.body for dead_letter in queue_setup.queue.dead_letters(most=5)] == [body]
    assert notes == ["next"]


def test_a_message_that_can_just_be_read_and_not_be_written_again_ends_too(queue_setup: QueueSetup) -> None:
    """Reading and writing JSON each have a limit of depth, and it depends on who calls."""
    depths = range(850, 1000)
    for depth in depths:
        queue_setup.send_body(nested(depth))

    build_bare_loop(queue_setup.queue, actions=actions()).drain()

    assert queue_setup.queue.depth().dead == len(depths)


@pytest.mark.parametrize("reason", [f"half {HALF_A_CHARACTER} a character", "zero \0 byte", "\x1b[0m \ufffe"])
def test_a_reason_that_no_database_takes_still_buries_the_job(queue_setup: QueueSetup, reason: str) -> None:
    queue_setup.queue.send([message_of(Call())])

    build_bare_loop(queue_setup.queue, actions={"call": action_raising(Discard(reason))}).drain()

    [dead_letter] = queue_setup.queue.dead_letters(most=5)
    assert dead_letter.action == "call"
    assert dead_letter.reason
