"""The rights table is complete and correct: every caller calls every operation and gets the answer
that the table documents."""

from collections import Counter
from typing import Final

import pytest
from django.urls import resolve

from server.apps.accounts.models import permissions_of
from server.config.operations import Operation, operations, view_of
from server.config.rights import TABLE, join_tables
from server.config.tests.callers import Caller, Installation
from server.config.tests.sending import example_of, send, url_of
from server.core.rest.rights import (
    ANYONE,
    API_KEY_ONLY,
    DEVICE_ONLY,
    MEMBER,
    SELF,
    SIGNED_IN,
    STAFF,
    Right,
)

pytestmark = pytest.mark.integration

ALL: Final = operations()
OUTSIDERS: Final = {"stranger", "deregistered"}
REFUSED: Final = frozenset({401, 403, 404})
ALLOWED: Final[frozenset[int]] = frozenset(range(200, 300))


def test_every_operation_has_a_row_and_every_row_an_operation() -> None:
    there = {each.key for each in ALL}

    assert sorted(there - TABLE.keys()) == []
    assert sorted(TABLE.keys() - there) == []


def test_no_operation_hides_another() -> None:
    routes = Counter((each.path, each.view) for each in ALL)
    views = Counter(path for path, _ in routes)

    assert [path for path, count in views.items() if count > 1] == []


def test_a_row_twice_is_found() -> None:
    with pytest.raises(ValueError, match="two nouns"):
        join_tables([{("GET", "a/"): ANYONE}, {("GET", "a/"): STAFF}])


def test_every_permission_in_the_table_is_one_of_the_matrix() -> None:
    words = {each.needs for each in (ANYONE, SIGNED_IN, MEMBER, SELF, STAFF, API_KEY_ONLY, DEVICE_ONLY)}

    assert {right.needs for right in TABLE.values()} - words <= permissions_of("a0").keys()


@pytest.mark.parametrize("operation", ALL, ids=str)
def test_the_example_reaches_the_operation(operation: Operation, installation: Installation) -> None:
    url = url_of(operation, example_of(operation, installation.home), installation.home)

    assert view_of(resolve(url).func) is operation.view


@pytest.mark.parametrize("operation", ALL, ids=str)
def test_every_caller_gets_the_answer_in_the_table(
    operation: Operation, installation: Installation, walked: Counter[str]
) -> None:
    right = TABLE[operation.key]
    surprises = []

    for caller in installation.callers:
        expected = codes(right, caller, operation)
        if expected == ALLOWED:
            expected = example_of(operation, installation.home).answers
        answers = [
            send(operation, installation.home, authorization=each, query=caller.query)
            for each in caller.authorizations
        ]
        walked["rights: cases"] += len(answers)
        # A device has two credentials: where it may do something, one of them is enough.
        fitting = [answer for answer in answers if answer.status_code in expected]
        if not fitting or (expected == REFUSED and len(fitting) < len(answers)):
            codes_seen = "/".join(str(answer.status_code) for answer in answers)
            surprises.append(
                f"{caller.name}: {codes_seen} and not {_words(expected)} {_start_of(answers[0])}"
            )

    walked["rights: operations"] += 1
    assert not surprises, "\n".join(["", *surprises])


def codes(right: Right, caller: Caller, operation: Operation) -> frozenset[int]:
    """The status codes that this caller may get."""
    if right.needs == ANYONE.needs:
        return ALLOWED
    if caller.name == "anonymous":
        return frozenset({401})
    if caller.name.startswith("device"):
        return ALLOWED if right.device else REFUSED
    if caller.name.startswith("key "):
        return ALLOWED if right.scope == caller.name.removeprefix("key ") else REFUSED
    return _codes_of_person(right, caller, operation)


def _codes_of_person(right: Right, caller: Caller, operation: Operation) -> frozenset[int]:
    if right.needs in {API_KEY_ONLY.needs, DEVICE_ONLY.needs}:
        return frozenset({403})
    if right.needs == SIGNED_IN.needs or (caller.name == "staff" and right.staff):
        return ALLOWED
    if right.needs == STAFF.needs:
        return frozenset({403, 404}) if caller.name in OUTSIDERS else frozenset({403})
    if right.needs == SELF.needs:
        return ALLOWED if caller.name == "owner" else frozenset({404})
    if caller.name in {*OUTSIDERS, "staff"}:
        # Named in the body or query, a foreign object is as one that does not exist.
        return frozenset({404}) if "{" in operation.path else frozenset({400, 403, 404, 406})
    may = permissions_of(caller.role or "")
    if right.needs == MEMBER.needs or may[right.needs]:
        return ALLOWED
    seen = not right.hidden and may.get(right.visible_with, True)
    return frozenset({403}) if seen else frozenset({404})


def _words(expected: frozenset[int]) -> str:
    return "2xx" if expected == ALLOWED else "/".join(map(str, sorted(expected)))


def _start_of(answer: object) -> str:
    content: bytes = getattr(answer, "content", b"")
    return content[:200].decode(errors="replace")
