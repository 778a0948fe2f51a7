"""JSON inside of a request: what cannot be stored or shown again is refused."""

from typing import Any

import pytest
from rest_framework import serializers

from server.core.rest.documents import DEEPEST, MOST_CHARACTERS, ArrayField, DocumentField


def nested(levels: int) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for _ in range(levels):
        document = {"in": document}
    return document


@pytest.mark.parametrize(
    "document",
    [{}, {"a": [1, 2.5, None, True, "ü"]}, {"a": {"b": [{"c": "d"}]}}, nested(DEEPEST - 1), {"n": 10**100}],
)
def test_a_document_goes_through_as_it_is(document: dict[str, Any]) -> None:
    assert DocumentField().run_validation(document) == document


@pytest.mark.parametrize(
    "document",
    [
        *([], "text", 1, None),
        *({"a": "x\0y"}, {"a\0": 1}, {"a": ["\ud800"]}),
        *({"a": float("inf")}, {"a": [float("nan")]}),
        *({"a": "x" * MOST_CHARACTERS}, {"a": [0] * MOST_CHARACTERS}, {"a": 10 ** (MOST_CHARACTERS * 2)}),
        nested(DEEPEST),
    ],
    ids=lambda document: str(type(document)),
)
def test_what_cannot_be_kept_is_refused(document: Any) -> None:
    with pytest.raises(serializers.ValidationError):
        DocumentField().run_validation(document)


def test_an_array_has_the_same_limits() -> None:
    assert ArrayField().run_validation(["a", 1]) == ["a", 1]
    documents: list[Any] = [{}, ["\0"], [nested(DEEPEST)]]
    for refused in documents:
        with pytest.raises(serializers.ValidationError):
            ArrayField().run_validation(refused)
