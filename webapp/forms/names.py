from django import forms
from django.core.exceptions import ValidationError

from server.lib.lines import NOT_ONE_LINE, is_one_line


def _check_one_line(text: str) -> None:
    if not is_one_line(text):
        raise ValidationError(NOT_ONE_LINE)


class NameField(forms.CharField):
    """A name or label: one line, as in the API."""

    default_validators = [_check_one_line]
