"""The form by which staff posts a job, on the registry that the worker describes: the page knows no
worker, the worker no page."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import pytest

from server.core.queue.watching import descriptions
from server.core.queue.watching.descriptions import (
    ActionDescription,
    action_descriptions,
    masked,
    set_describer,
)
from webapp.forms.staff import ScheduleForm
from worker.action import Action
from worker.describing import HARMLESS, describe_action, describe_registry
from worker.registry import ACTIONS


@dataclass(frozen=True, slots=True)
class Everything:
    """One field of each kind."""

    action: ClassVar[str] = "everything"
    order_key: ClassVar[str] = ""

    words: str
    count: int
    ratio: float
    sure: bool
    names: list[str]
    places: tuple[int, ...]
    about: dict[str, str | int]
    pin: str = field(default="", metadata={"secret": True})
    most: int = 10
    until: str | None = None

    def __post_init__(self) -> None:
        if self.count > 1000:
            raise ValueError("more than anybody wants")


class RunEverything(Action[Everything]):
    """Do it."""

    def execute(self, job: Everything) -> None: ...


WHOLE: dict[str, str] = {
    "argument-words": " two words ",
    "argument-count": "7",
    "argument-ratio": "0.5",
    "argument-sure": "on",
    "argument-names": "one\r\n\r\n two \r\n",
    "argument-places": "[1, 2]",
    "argument-about": '{"a": 1, "b": "c"}',
    "confirmation": "everything",
}


def form(**changes: str) -> ScheduleForm:
    return ScheduleForm(describe_action("everything", RunEverything), WHOLE | changes)


def test_each_kind_of_field_becomes_what_the_job_takes() -> None:
    filled = form()

    assert filled.is_valid(), filled.errors
    assert filled.job() == Everything(
        words="two words",
        count=7,
        ratio=0.5,
        sure=True,
        names=["one", "two"],
        places=(1, 2),
        about={"a": 1, "b": "c"},
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("argument-count", ""),
        ("argument-count", "many"),
        ("argument-ratio", "half"),
        ("argument-places", "[1, "),
        ("argument-places", '["one"]'),
        ("argument-places", "7"),
        ("argument-about", "[]"),
        ("argument-about", '{"a": []}'),
        ("argument-most", "1.5"),
        ("delay_seconds", "901"),
        ("delay_seconds", "-1"),
        ("confirmation", ""),
        ("confirmation", "Everything"),
        ("argument-words", "a\x00b"),
    ],
)
def test_an_error_is_shown_at_its_field(name: str, value: str) -> None:
    assert list(form(**{name: value}).errors) == [name]


def test_an_error_of_the_job_as_a_whole_is_shown_too() -> None:
    assert form(**{"argument-count": "1001"}).non_field_errors() == ["More than anybody wants."]


def test_secrets_are_typed_unseen_and_kept_nowhere() -> None:
    filled = form(**{"argument-pin": "1234"})

    assert filled.is_valid()
    assert 'type="password"' in str(filled["argument-pin"])
    assert "1234" not in str(filled["argument-pin"])


def test_every_action_has_a_description() -> None:
    assert [each.name for each in describe_registry() if not each.about] == []


def test_what_is_called_harmless_is_there() -> None:
    assert HARMLESS - ACTIONS.keys() == set()


def test_the_registry_is_described_by_its_names() -> None:
    assert list(action_descriptions()) == sorted(ACTIONS)


@pytest.fixture
def fresh_descriptions() -> Iterator[list[int]]:
    """Counts how often the registry was described; it has one Action here."""
    asked: list[int] = []

    def describe() -> list[ActionDescription]:
        asked.append(1)
        return [describe_action("everything", RunEverything)]

    set_describer(describe)
    yield asked
    set_describer(describe_registry)


def test_the_registry_is_asked_once_and_not_before_it_is_needed(fresh_descriptions: list[int]) -> None:
    before = len(fresh_descriptions)

    assert list(action_descriptions()) == list(action_descriptions()) == ["everything"]
    assert (before, len(fresh_descriptions)) == (0, 1)


def test_secrets_are_masked_by_the_field_and_by_the_name(fresh_descriptions: list[int]) -> None:
    assert masked("everything", {"pin": "1", "words": "x"}) == {"pin": "***", "words": "x"}
    assert masked("unknown", {"pin": "1", "token": "x"}) == {"pin": "1", "token": "***"}


def test_without_a_worker_nobody_can_describe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descriptions, "_describe", None)
    monkeypatch.setattr(descriptions, "_descriptions", None)

    with pytest.raises(RuntimeError, match="INSTALLED_APPS"):
        action_descriptions()
