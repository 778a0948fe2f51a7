from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stack.examples import examples
from worker.arguments import BadArguments, parse

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
VALID: dict[str, Any] = {"text": "a", "number": 1, "ratio": 0.5, "flag": True}


@dataclass(frozen=True, slots=True)
class Wide:
    text: str
    number: int
    ratio: float
    flag: bool
    maybe: int | None = None
    many: tuple[str, ...] = ()
    listed: list[int] = field(default_factory=list)
    mapped: dict[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Even:
    number: int

    def __post_init__(self) -> None:
        if self.number % 2:
            raise ValueError("odd")


def test_arguments_become_the_job() -> None:
    assert parse(Wide, VALID) == Wide("a", 1, 0.5, True)


def test_every_kind_of_field_crosses() -> None:
    more = {"maybe": 4, "many": ["x", "y"], "listed": [1, 2], "mapped": {"a": 1.5, "b": None}}

    job = parse(Wide, VALID | more)

    assert (job.maybe, job.many, job.listed, job.mapped) == (4, ("x", "y"), [1, 2], {"a": 1.5, "b": None})


def test_a_whole_number_will_do_for_a_float() -> None:
    assert parse(Wide, VALID | {"ratio": 2}).ratio == 2.0


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"text": 5}, "text"),
        ({"text": None}, "text"),
        ({"number": "1"}, "number"),
        ({"number": 1.5}, "number"),
        ({"number": True}, "number"),  # JSON true is not 1
        ({"ratio": False}, "ratio"),
        ({"flag": 1}, "flag"),
        ({"maybe": "4"}, "maybe"),
        ({"many": "xy"}, "many"),
        ({"many": ["x", 1]}, "many"),
        ({"listed": {"0": 1}}, "listed"),
        ({"mapped": [1]}, "mapped"),
        ({"mapped": {"a": "1"}}, "mapped"),
        ({"surplus": 1}, "surplus"),
    ],
)
def test_an_argument_that_does_not_fit_is_named(change: dict[str, Any], named: str) -> None:
    with pytest.raises(BadArguments, match=f"argument '{named}'"):
        parse(Wide, VALID | change)


@pytest.mark.parametrize("name", sorted(VALID))
def test_a_missing_argument_is_named(name: str) -> None:
    arguments = {other: value for other, value in VALID.items() if other != name}

    with pytest.raises(BadArguments, match=f"missing argument '{name}'"):
        parse(Wide, arguments)


def test_what_the_dataclass_itself_refuses_is_a_bad_argument() -> None:
    with pytest.raises(BadArguments, match="odd"):
        parse(Even, {"number": 3})


@settings(max_examples=examples(100))
@given(arguments=st.dictionaries(st.sampled_from([*VALID, "maybe", "many", "mapped", "x"]), anything))
def test_any_arguments_give_a_job_or_a_named_error(arguments: dict[str, Any]) -> None:
    assert isinstance(_job_or_error(arguments), Wide | BadArguments)


def _job_or_error(arguments: dict[str, Any]) -> Wide | BadArguments:
    try:
        return parse(Wide, arguments)
    except BadArguments as error:
        return error
