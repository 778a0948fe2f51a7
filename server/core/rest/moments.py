"""Times in requests: ISO 8601 with `Z` or an offset; without either, UTC. A date alone is its
midnight. Single digits, as in `2021-3-1T9:00Z`, are read as the original cloud reads them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from rest_framework import serializers

from server.lib.instants import EARLIEST_US, LATEST_US, parse_iso, us_of

_BARE_OFFSET: Final = re.compile(r"\d\d:?\d\d")
_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?![0-9])")
_SHORT_PART: Final = re.compile(r"(?<=[Tt :])[0-9](?=[:.,Zz+-]|$)")
_SHORTEST: Final = timedelta(microseconds=1)
_LAST: Final = datetime.max.replace(tzinfo=UTC)
_EXPECTED: Final = "A time such as 2021-03-01T11:23:15Z is needed, or a date: its midnight in UTC."
OUT_OF_RANGE: Final = "A time from 0001-01-02 to 9999-12-30 (UTC) is needed."


def parse_moment(text: str) -> datetime:
    """Returns the time in UTC. Raises ValueError with a message for people."""
    text = _with_plus(text.strip())
    date = _DATE.match(text)
    if "\0" in text:  # where the parser stops
        raise ValueError(_EXPECTED)
    if date is not None:
        year, month, day = date.groups()
        text = f"{year}-{month:0>2}-{day:0>2}" + _SHORT_PART.sub(r"0\g<0>", text[date.end() :])
    elif ":" not in text and "T" not in text.upper():
        raise ValueError(_EXPECTED)  # a year, a week, or a number that somebody took for a time
    try:
        return parse_iso(text)
    except ValueError as error:
        raise ValueError(_EXPECTED) from error


def _with_plus(text: str) -> str:
    """Restore the `+` of an offset that a client did not encode, which arrives as a space."""
    moment, blank, offset = text.rpartition(" ")
    lost = blank and ":" in moment and _BARE_OFFSET.fullmatch(offset)
    return f"{moment}+{offset}" if lost else text


class MomentField(serializers.DateTimeField):
    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str):
            raise serializers.ValidationError(_EXPECTED)
        try:
            return parse_moment(value)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error


class MomentInput(serializers.Serializer[Any]):
    """`timestamp` in a query: exactly this time. It narrows `start` and `end`, which a subclass
    has."""

    timestamp = MomentField(default=None, help_text="At exactly this time.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        moment: datetime | None = attrs.pop("timestamp", None)
        if moment is not None and moment < _LAST:
            attrs["start"] = max(moment, attrs["start"] or moment)
            attrs["end"] = min(moment + _SHORTEST, attrs["end"] or moment + _SHORTEST)
        return attrs


class StoredMomentField(MomentField):
    """A time that is stored, and so has to be shown in any time zone."""

    def to_internal_value(self, value: Any) -> datetime:
        moment = super().to_internal_value(value)
        if not EARLIEST_US <= us_of(moment) <= LATEST_US:
            raise serializers.ValidationError(OUT_OF_RANGE)
        return moment


class ZoneField(serializers.CharField):
    """A name of the time zone database; its value is a ZoneInfo."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            return ZoneInfo(super().to_internal_value(data)[:64])
        except (
            ValueError,
            OSError,
            LookupError,
        ) as error:  # which of them depends on what is wrong with the name
            raise serializers.ValidationError(
                "A name of the time zone database is needed, such as Europe/Berlin."
            ) from error
