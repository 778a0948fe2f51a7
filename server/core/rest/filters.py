"""Query parameters that filter a list. One that cannot be parsed is refused with a 400 that names
the parameter."""

from collections.abc import Callable
from typing import Any, Final

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

_YES: Final = {"1", "true", "yes", "on"}
_NO: Final = {"0", "false", "no", "off"}


def parse_flag(text: str) -> bool:
    """Raises ValueError."""
    if text.lower() not in _YES | _NO:
        raise ValueError("true or false is needed.")
    return text.lower() in _YES


class _ParsedField(forms.CharField):
    """A form field whose value is what `parse` returns for the text; None without text."""

    def __init__(self, *, parse: Callable[[str], Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.parse = parse

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return self.parse(text)
        except ValueError as error:
            text = str(error).replace("%", "%%")  # DRF would take a % of the user's text for a placeholder
            raise ValidationError(text) from error


@extend_schema_field(OpenApiTypes.STR)
class TextFilter(django_filters.Filter):  # type: ignore[misc]  # django-filter has no types
    """Filters by the condition that `parse` returns for the text. `parse` raises ValueError with a
    message for people."""

    field_class = _ParsedField

    def __init__(self, parse: Callable[[str], Q], *, label: str) -> None:
        super().__init__(parse=parse, label=label, help_text=label)

    def filter(self, queryset: QuerySet[Any], value: Q | None) -> QuerySet[Any]:
        return queryset if value is None else queryset.filter(value)


@extend_schema_field(OpenApiTypes.BOOL)
class FlagFilter(django_filters.Filter):  # type: ignore[misc]  # django-filter has no types
    """Changes nothing by itself: its filter set reads it."""

    field_class = _ParsedField

    def __init__(self, *, label: str) -> None:
        super().__init__(parse=parse_flag, label=label, help_text=label)

    def filter(self, queryset: QuerySet[Any], value: bool | None) -> QuerySet[Any]:
        return queryset


class FilterSet(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """A typed base class for filter sets."""
