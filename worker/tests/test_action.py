from dataclasses import dataclass
from typing import Any, ClassVar, cast

import pytest
from pytest_django import Settings

from server.core.queue import current_queue
from worker.action import Action, Discard, Retry
from worker.arguments import plan_of
from worker.registry import ACTIONS
from worker.testing import memory_queue
from worker.tests.jobs import Call, Note, TakeNote, action_raising


@dataclass(frozen=True, slots=True)
class Unsendable:
    action: ClassVar[str] = "unsendable"
    order_key: ClassVar[str] = ""

    when: object


def test_an_action_knows_its_payload_from_its_brackets() -> None:
    assert TakeNote.payload is Note


def test_an_action_derived_from_another_keeps_its_payload() -> None:
    assert action_raising(ValueError()).payload is Call


def test_schedule_posts_the_message(settings: Settings) -> None:
    settings.QUEUE_BACKEND = "memory"

    identifier = TakeNote.schedule(Note("hello", order_key="a"))

    [delivery] = current_queue().receive(most=1, wait_seconds=0, visible_after_seconds=60)
    memory_queue().clear()
    assert delivery.message is not None
    assert (delivery.message.id, delivery.message.action, delivery.message.key) == (identifier, "note", "a")


def test_schedule_refuses_the_job_of_another_action() -> None:
    with pytest.raises(TypeError, match="TakeNote takes Note, not Call"):
        TakeNote.schedule(cast(Any, Call()))


def test_errors_have_words() -> None:
    assert (str(Retry(5)), str(Discard("no such report"))) == ("again in 5 s", "no such report")


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_each_action_is_registered_under_the_name_that_its_jobs_carry(name: str) -> None:
    assert ACTIONS[name].payload.action == name


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_each_payload_can_cross_the_queue(name: str) -> None:
    plan_of(ACTIONS[name].payload)


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_each_action_has_a_docstring(name: str) -> None:
    assert ACTIONS[name].__doc__ != Action.__doc__


def test_a_payload_that_cannot_cross_the_queue_is_named() -> None:
    with pytest.raises(TypeError, match="cannot cross the queue"):
        plan_of(Unsendable)
