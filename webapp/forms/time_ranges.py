"""The time range that a chart or table shows: a preset up to now, or a custom one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django import forms

from server.core.errors import Invalid

RANGES: Final = {
    "1h": ("1 h", timedelta(hours=1)),
    "1d": ("1 d", timedelta(days=1)),
    "1w": ("1 w", timedelta(weeks=1)),
    "1y": ("1 y", timedelta(days=365)),
}
DEFAULT_RANGE: Final = "1d"
CUSTOM: Final = "custom"
FIRST_MOMENT: Final = datetime(
    1970, 1, 2, tzinfo=UTC
)  # not the first day, which begins in 1969 in some zones
_LAST: Final = datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class TimeRange:
    """From `start` (inclusive) to `end` (exclusive); `name` is a key of RANGES or `custom`."""

    start: datetime
    end: datetime
    name: str


def _moment(label: str) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, required=False, widget=widget)


class TimeRangeForm(forms.Form):
    """`range`, or `start` and `end`, which are in the user's time zone unless they name one."""

    range = forms.ChoiceField(choices=[(name, name) for name in RANGES], required=False)
    start = _moment("From")
    end = _moment("To")

    def clean(self) -> None:
        start, end = self.cleaned_data.get("start"), self.cleaned_data.get("end")
        for moment in (start, end):
            if moment is not None and not FIRST_MOMENT <= moment < _LAST:
                raise forms.ValidationError("A time must be between 1970 and 2200.")
        if start is not None and end is not None and end <= start:
            raise forms.ValidationError("The end must be later than the start.")


def range_query(*, start: datetime | None, end: datetime | None) -> dict[str, str]:
    """Returns the query of a URL. Times name their zone: without one, pages assume the reader's and
    the API assumes UTC."""
    bounds = {"start": start, "end": end}
    return {
        name: moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
        for name, moment in bounds.items()
        if moment is not None
    }


def require_valid(form: TimeRangeForm) -> TimeRangeForm:
    """Returns the form. Raises Invalid with its first error."""
    if not form.is_valid():
        raise Invalid(str(next(message for messages in form.errors.values() for message in messages)))
    return form


def time_range_of(form: TimeRangeForm, *, now: datetime) -> TimeRange:
    """Returns the range of a valid form. A start without an end reaches until now; an empty form is
    the default range."""
    start, end = form.cleaned_data["start"], form.cleaned_data["end"]
    if start is not None and (end is not None or start < now):
        return TimeRange(start, end or now, CUSTOM)
    name = form.cleaned_data["range"] or DEFAULT_RANGE
    end = end or now
    return TimeRange(end - RANGES[name][1], end, name if end == now else CUSTOM)
