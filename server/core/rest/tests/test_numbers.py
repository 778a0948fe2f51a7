import pytest
from rest_framework.exceptions import NotFound
from rest_framework.serializers import ValidationError

from server.core.rest.numbers import PageField, PositiveField, parse_positive


@pytest.mark.parametrize(
    ("text", "number"), [("1", 1), ("007", 7), (" 7 ", 7), ("100", 100), ("101", 100), ("9" * 5000, 100)]
)
def test_a_number_is_read_and_cut_at_the_most(text: str, number: int) -> None:
    assert parse_positive(text, most=100) == number


@pytest.mark.parametrize("text", ["", "0", "000", "-1", "+1", "1.5", "1e3", "one", "\u0661", "\u00b2", "1\0"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        parse_positive(text, most=100)


def test_the_field_refuses_as_serializers_do() -> None:
    with pytest.raises(ValidationError, match="at least 1"):
        PositiveField(most=100).run_validation("-3")


def test_a_page_that_cannot_be_is_one_that_is_not_there() -> None:
    with pytest.raises(NotFound, match="Invalid page"):
        PageField(most=100).run_validation("zero")
