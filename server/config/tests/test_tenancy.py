"""Another organisation's ids are as ids that do not exist: the same status, the same words, and
nothing of what they name."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from server.config.operations import Operation, operations
from server.config.tests.callers import ROWS_APART, Installation
from server.config.tests.examples import Example
from server.config.tests.examples import places as standing_for
from server.config.tests.foreign import absent, ids_of, leaves, with_leaf
from server.config.tests.sending import example_of, request, undone, url_of
from server.lib.slugs import DeviceSlug
from stack.examples import examples

pytestmark = pytest.mark.integration

ALL: Final = operations()
CALLERS: Final = ("owner", "member")
RANDOM_EACH: Final = 1
UNIQUE_EVERYWHERE: Final = {
    ("POST", "org/"): "name",
    ("PUT", "org/{slug}/"): "name",
    ("PATCH", "org/{slug}/"): "name",
}
"""Fields whose values are unique in the whole installation: a name that is taken must be
refused."""
_NEW_EACH_TIME: Final = re.compile(
    r'"prefix":"[^"]+"|[0-9a-f]{24,}|\b[0-9a-f]{4}\b|'
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[\w.:=-]{40,}|[\d-]+T[\d:.]+Z|\d+(?:\.\d+)?|#"
)
NUMBERED: Final = {
    "note/": "note",
    "property/": "property",
    "propertytemplate/": "property template",
    "config/attr/": "config",
    "tap/": "tap",
    "vartemplate/": "variable template",
    "widget/": "widget",
}
"""What a number in the path names."""
_PARAMETER: Final = re.compile(r"{(\w+)}")


class Answer(NamedTuple):
    status: int
    text: str


@dataclass(frozen=True)
class Place:
    """Where an id is put: a parameter of the path, a way into the body, or a field of the query."""

    kind: str
    name: Any

    def put(self, value: str, operation: Operation, example: Example) -> Example:
        if self.kind == "path":
            return replace(example, places={**example.places, self.name: value})
        if self.kind == "body":
            return replace(example, body=with_leaf(example.body, self.name, value))
        return replace(example, query=f"{self.name}={value}")


def places_of(operation: Operation, example: Example) -> list[Place]:
    found = [Place("path", name) for name in _PARAMETER.findall(operation.path)]
    if example.format == "json":
        taken = UNIQUE_EVERYWHERE.get(operation.key)
        found += [Place("body", path) for path, _ in leaves(example.body) if path and path != (taken,)]
    if operation.method == "GET":
        found += [
            Place("query", name) for name in ("org", "org__slug", "project", "device", "target", "filter")
        ]
        found += [Place("query", name) for name in ("slug", "stream", "variable", "block", "q", "search")]
    return found


@pytest.mark.parametrize("operation", ALL, ids=str)
def test_a_foreign_id_is_as_one_that_does_not_exist(
    operation: Operation, installation: Installation, walked: Counter[str]
) -> None:
    example = example_of(operation, installation.home)
    places = places_of(operation, example)
    foreign = {kind: value for kind, value in ids_of(installation.far).items() if not value.isdigit()}

    @settings(
        max_examples=examples(RANDOM_EACH * max(4, len(places))),
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(place=st.sampled_from(places), kind=st.sampled_from(sorted(foreign)), who=st.sampled_from(CALLERS))
    def same(place: Place, kind: str, who: str) -> None:
        value = foreign[kind]
        nothing = absent(value, installation.far.word)
        got = _ask(operation, place.put(value, operation, example), installation, who)
        expected = _ask(operation, place.put(nothing, operation, example), installation, who)
        walked["tenancy: cases"] += 1
        assert _comparable(got, value) == _comparable(expected, nothing), (place, kind, who)
        _assert_reveals_nothing(got, value, installation)

    if places:
        same()
    _natural_places(operation, example, installation, walked)


def _natural_places(
    operation: Operation, example: Example, installation: Installation, walked: Counter[str]
) -> None:
    """Where the example has an id of home: the far one of the same kind."""
    far = ids_of(installation.far)
    for place in places_of(operation, example):
        kind = _kind_at(place, operation, example, installation)
        if kind is None:
            continue
        value, nothing = far[kind], absent(far[kind], installation.far.word)
        got = _ask(operation, place.put(value, operation, example), installation, "owner")
        expected = _ask(operation, place.put(nothing, operation, example), installation, "owner")
        walked["tenancy: cases"] += 1
        assert _comparable(got, value) == _comparable(expected, nothing), (place, kind)
        _assert_reveals_nothing(got, value, installation)


def _kind_at(place: Place, operation: Operation, example: Example, installation: Installation) -> str | None:
    """Returns the kind of id that the example has there. Numbers all look alike, so the path
    decides what they identify."""
    if place.kind == "query" or (place.kind == "body" and example.format != "json"):
        return None
    here = str(dict(leaves(example.body)).get(place.name)) if place.kind == "body" else ""
    if place.kind == "path":
        here = {**dict(standing_for(installation.home).get(operation.noun, {})), **example.places}[place.name]
        if here.isdigit():
            return next((kind for path, kind in NUMBERED.items() if operation.path.startswith(path)), None)
    return next((kind for kind, value in ids_of(installation.home).items() if value == here != "None"), None)


@pytest.mark.parametrize("operation", [each for each in ALL if each.method == "GET"], ids=str)
@pytest.mark.parametrize("who", CALLERS)
def test_no_answer_holds_anything_of_another_organisation(
    operation: Operation, who: str, installation: Installation
) -> None:
    answer = _ask(operation, example_of(operation, installation.home), installation, who)

    _assert_reveals_nothing(answer, "", installation)


def test_a_number_is_the_id_of_one_thing_and_stands_for_nothing_else(installation: Installation) -> None:
    """Else the tenth row of a table and a factor of 10 would be the same to `_kind_at`, and the
    eleventh a part of a date."""
    found = [*ids_of(installation.home).values(), *ids_of(installation.far).values()]
    numbers = [int(each) for each in found if each.isdigit()]

    assert len(set(numbers)) == len(numbers) > 0
    assert min(numbers) > ROWS_APART


def _url(operation: Operation, example: Example, installation: Installation) -> str:
    return url_of(operation, example, installation.home)


def _ask(operation: Operation, example: Example, installation: Installation, who: str) -> Answer:
    authorization = installation.caller(who).authorizations[0]
    url = url_of(operation, example, installation.home)
    with undone():
        answer = request(operation.method, url, example, authorization=authorization, query=example.query)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return Answer(answer.status_code, content.decode(errors="replace"))


def _comparable(answer: Answer, sent: str) -> Answer:
    """A success has new ids, times and tokens in it, so they count for nothing; an error is
    compared to the letter."""
    text = _whole(sent).sub("#", answer.text)
    return Answer(answer.status, text if answer.status >= 300 else _NEW_EACH_TIME.sub("#", text))


def _assert_reveals_nothing(answer: Answer, sent: str, installation: Installation) -> None:
    text = answer.text
    for each in _as_sent(sent):
        text = _whole(each).sub("", text)
    assert [secret for secret in installation.far.secrets() if secret in text] == []


def _as_sent(sent: str) -> list[str]:
    """A device may also be named by a block, whose slug holds its number; the answer then names it
    in the usual form."""
    block = sent.startswith("b--")
    return [*([sent] if sent else []), *([str(DeviceSlug.parse(sent))] if block else [])]


def _whole(id: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(id)}(?!\w)")
