"""Numbers in queries and bodies. Integers with thousands of digits, which are slow to parse, are
never parsed."""

import math
from typing import Any, Final

from rest_framework import serializers
from rest_framework.exceptions import NotFound

from server.lib.units import LARGEST

_MOST_DIGITS: Final = 18
NO_SUCH_PAGE: Final = "Invalid page."


def parse_positive(text: str, *, most: int) -> int:
    """Returns a whole number of at least 1, capped at `most`. Raises ValueError with a message for
    people."""
    digits = text.strip().lstrip("0") if text.isascii() else ""
    if not digits.isdigit():
        raise ValueError("A whole number of at least 1 is needed.")
    return min(int(digits), most) if len(digits) <= _MOST_DIGITS else most


class PositiveField(serializers.IntegerField):
    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(min_value=1, **kwargs)
        self.most = most

    def to_internal_value(self, value: Any) -> int:
        try:
            return parse_positive(str(value), most=self.most)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error


class PageField(PositiveField):
    """A page number. Existing clients know one answer, 404, for a page that does not exist,
    whatever is wrong with its number."""

    def to_internal_value(self, value: Any) -> int:
        try:
            return super().to_internal_value(value)
        except serializers.ValidationError as error:
            raise NotFound(NO_SUCH_PAGE) from error


class FiniteField(serializers.FloatField):
    """A number within `LARGEST`, so that sums of such numbers are finite; true and false are
    none."""

    def to_internal_value(self, data: Any) -> float:
        try:
            number = super().to_internal_value(data)
        except OverflowError:
            number = math.inf
        if isinstance(data, bool) or math.isnan(number):
            self.fail("invalid")
        if abs(number) > LARGEST:
            raise serializers.ValidationError(f"The number must be between -{LARGEST:g} and {LARGEST:g}.")
        return number


def integer_field(least: int, most: int, **kwargs: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=least, max_value=most, required=False, **kwargs)


def _not_zero(value: int | None) -> None:
    if value == 0:
        raise serializers.ValidationError("0 is not a factor.")


def factor_field(most: int, **kwargs: Any) -> serializers.IntegerField:
    return integer_field(-most, most, validators=[_not_zero], **kwargs)
