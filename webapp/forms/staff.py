"""Forms of the staff's pages."""

import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from datetime import UTC, datetime
from typing import Any, Final, TypedDict, Union, get_args, get_origin, get_type_hints

from django import forms
from django.core.exceptions import ValidationError

from server.core.errors import Invalid
from server.core.queue import MAX_DELAY_SECONDS, JobPayload, Outcome
from server.core.queue.watching.descriptions import ActionDescription

LONGEST_REASON: Final = 200
OUTCOMES: Final = {
    Outcome.DONE: "Done",
    Outcome.RETRIED: "Failed, retried",
    Outcome.DEFERRED: "Deferred",
    Outcome.DEAD: "Dead",
}
_FIRST: Final = datetime(1970, 1, 2, tzinfo=UTC)  # not the first day, which begins in 1969 in some zones
_LAST: Final = datetime(2200, 1, 1, tzinfo=UTC)
_ARGUMENT: Final = "argument-"
_LONG: Final = frozenset({"text", "message", "extra_data"})  # arguments with more than one line
_EMPTY: Final[Mapping[str, Any]] = {"dict": {}, "list": [], "tuple": []}
_LEFT_EMPTY: Final[tuple[object, ...]] = (None, "", [])
_ID: Final = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}


class PauseForm(forms.Form):
    reason = forms.CharField(max_length=LONGEST_REASON, label="Why?")


class DeadLetterForm(forms.Form):
    """`handle` (repeated) are the selected dead letters, `shown` all that were on the page."""

    act = forms.ChoiceField(choices=[("redrive", "Re-drive"), ("delete", "Delete")])

    def selection(self) -> tuple[str, list[str]]:
        """Returns the act and the handles. Raises Invalid."""
        if not self.is_valid():
            raise Invalid("Choose what to do with the dead letters.")
        name = "shown" if self.data.get("which") == "all" else "handle"
        values = list(dict.fromkeys(self.data.getlist(name)))  # type: ignore[attr-defined]  # a request's QueryDict
        if not values:
            raise Invalid("Choose at least one dead letter.")
        return str(self.cleaned_data["act"]), values

    def is_confirmed(self) -> bool:
        return self.data.get("confirmed") == "yes"


class LogFilter(TypedDict):
    """Which runs are listed; "" is any."""

    action: str
    outcome: str
    before: datetime | None


class LogForm(forms.Form):
    action = forms.CharField(max_length=100, required=False)
    outcome = forms.ChoiceField(
        choices=[(outcome.value, label) for outcome, label in OUTCOMES.items()], required=False
    )
    before = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def clean_before(self) -> datetime | None:
        before: datetime | None = self.cleaned_data["before"]
        if before is not None and not _FIRST <= before < _LAST:
            raise ValidationError("A time must be between 1970 and 2200.")
        return before

    def filters(self) -> LogFilter:
        """Returns the filters; invalid values are ignored."""
        return LogFilter(
            action=self.cleaned_data.get("action", ""),
            outcome=self.cleaned_data.get("outcome", ""),
            before=self.cleaned_data.get("before"),
        )


class ScheduleForm(forms.Form):
    """A field for each field of the payload, a delay, and the Action's name as confirmation unless
    the Action is harmless."""

    delay_seconds = forms.IntegerField(
        label="Delay in seconds (optional)", min_value=0, max_value=MAX_DELAY_SECONDS, required=False
    )

    def __init__(self, action: ActionDescription, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self._action = action
        self._job: JobPayload | None = None
        hints = get_type_hints(action.payload)
        for each in fields(action.payload):
            secret = each.name in action.secret_fields()
            self.fields[f"{_ARGUMENT}{each.name}"] = _field(each, hints[each.name], secret=secret)
        self.order_fields([name for name in self.fields if name != "delay_seconds"])
        if not action.harmless:
            self.fields["confirmation"] = forms.CharField(
                label=f"Type {action.name} to confirm", widget=forms.TextInput(attrs=_ID)
            )

    def clean_confirmation(self) -> str:
        if self.cleaned_data["confirmation"] != self._action.name:
            raise ValidationError(f"This is not “{self._action.name}”.")
        return self._action.name

    def clean(self) -> None:
        if self.errors:
            return
        try:
            self._job = self._action.read(self.arguments())
        except Invalid as error:
            self.add_error(f"{_ARGUMENT}{error.field}" if error.field else None, error.message)

    def job(self) -> JobPayload:
        """Returns the payload of a valid form."""
        if self._job is None:
            raise ValueError("the form is not valid")
        return self._job

    def arguments(self) -> dict[str, Any]:
        """Returns the arguments, without empty ones that have a default."""
        return {
            each.name: value
            for each in fields(self._action.payload)
            if (value := self.cleaned_data[f"{_ARGUMENT}{each.name}"]) not in _LEFT_EMPTY
            or not _has_default(each)
        }


class LinesField(forms.CharField):
    """A list of texts, one on each line."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in (value or "").splitlines() if line.strip()]

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        for line in value:
            super().run_validators(line)


def _field(of: Field[Any], hint: Any, *, secret: bool) -> forms.Field:
    """Returns the form field for a field of the payload; types without one are entered as JSON,
    which the Action checks."""
    optional = _has_default(of)
    nothing: str | None = ""
    parts = get_args(hint)
    if get_origin(hint) in (Union, types.UnionType) and len(parts) == 2 and types.NoneType in parts:
        [hint], optional, nothing = [part for part in parts if part is not types.NoneType], True, None
    made = _plain(hint, of.name, secret=secret) or _structured(hint)
    made.label = f"{of.name} (optional)" if optional and hint is not bool else of.name
    made.required = made.required and not optional
    if isinstance(made, forms.CharField):
        made.empty_value = nothing
    if of.default is not MISSING:
        made.initial = of.default
    return made


def _plain(hint: Any, name: str, *, secret: bool) -> forms.Field | None:
    if hint is str and secret:
        return forms.CharField(required=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"}))
    if hint is str:
        long = name in _LONG
        widget = forms.Textarea(attrs={"rows": 4}) if long else forms.TextInput(attrs=_ID)
        return forms.CharField(required=False, widget=widget, help_text="May be empty.")
    if hint is int:
        return forms.IntegerField(help_text="A whole number.")
    if hint is float:
        return forms.FloatField(help_text="A number.")
    if hint is bool:
        return forms.BooleanField(required=False, help_text="Ticked means true.")
    return None


def _structured(hint: Any) -> forms.Field:
    rows = {"rows": 3} | _ID
    if get_origin(hint) in (list, tuple) and get_args(hint)[0] is str:
        return LinesField(
            required=False, widget=forms.Textarea(attrs=rows), help_text="A list: one entry on each line."
        )
    shape = getattr(hint, "__name__", "value")
    # Not `required`, since Django treats an empty list or mapping as missing. The Action refuses a
    # blank value.
    return forms.JSONField(
        required=False,
        widget=forms.Textarea(attrs=rows),
        help_text=f"JSON: {shape}.",
        initial=_EMPTY.get(shape),
    )


def _has_default(of: Field[Any]) -> bool:
    return of.default is not MISSING or of.default_factory is not MISSING
