"""Parsing of bodies and queries into checked values: the first step of a view."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django.http import QueryDict
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.request import Request
from rest_framework.serializers import CharField, Serializer

from server.core.rest.forms import fields_of_form
from server.lib.lines import NOT_ONE_LINE, is_one_line

_MOST_CHARACTERS: Final = 64
_LINES: Final = (
    *("name", "label", "title", "subject", "tagline", "username", "external_id", "company"),
    *("data_label", "mdo_label", "hw_name", "new_label", "sent_name"),
)
"""Fields that are names, in whatever body: pages, mails and tables show them on one line."""


def body_of(request: Request) -> Any:
    """Returns the parsed body. Raises ParseError, also for JSON that is nested too deeply."""
    try:
        return request.data
    except RecursionError as error:
        raise ParseError("The JSON is nested too deeply.") from error


class StrictInput(Serializer[Any]):
    """A serializer that refuses unknown fields, so that a misspelled one is not lost silently.

    `ignored`: read-only fields that a client may send back with the object it read; they change
    nothing.
    """

    ignored: ClassVar[frozenset[str]] = frozenset()

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(
                str(name) for name in data if name not in self.fields and name not in self.ignored
            )
            if unknown:
                raise ValidationError({name: ["There is no such field."] for name in unknown})
        values = super().to_internal_value(data)
        bent = [
            name for name in _LINES if isinstance(values.get(name), str) and not is_one_line(values[name])
        ]
        if bent:
            raise ValidationError({name: [NOT_ONE_LINE] for name in bent})
        return values


@extend_schema_field(OpenApiTypes.STR)
class ParsedField(CharField):
    """Short text that `parse` turns into a value. `parse` raises ValueError with a message for
    people."""

    def parse(self, text: str) -> Any:
        raise NotImplementedError

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        if len(text) > _MOST_CHARACTERS:
            raise ValidationError(f"At most {_MOST_CHARACTERS} characters are allowed.")
        try:
            return self.parse(text)
        except ValueError as error:
            raise ValidationError(str(error)) from error


def parsed(form: type[Serializer[Any]], request: Request, *, partial: bool = False) -> dict[str, Any]:
    """Returns the body as checked by an input serializer; with `partial` no field is required
    (PATCH). Raises ValidationError with a field map."""
    return _validate(form, _plain(form, body_of(request)), partial=partial)


def parsed_each(form: type[Serializer[Any]], request: Request) -> list[dict[str, Any]]:
    """Returns a list for a body that is one object or a list of them. Raises ValidationError with a
    field map, or a list of them."""
    body = body_of(request)
    serializer = form(data=body if isinstance(body, list) else [_plain(form, body)], many=True)
    if not serializer.is_valid():
        raise ValidationError(serializer.errors if isinstance(body, list) else serializer.errors[0])
    return list(serializer.validated_data)


def parsed_query(form: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    """Returns the query as checked by an input serializer; empty parameters are ignored. Raises
    ValidationError with a field map."""
    return _validate(form, {name: text for name, text in request.query_params.items() if text})


def _plain(form: type[Serializer[Any]], body: Any) -> Any:
    return fields_of_form(form().fields, body) if isinstance(body, QueryDict) else body


def _validate(form: type[Serializer[Any]], data: Any, *, partial: bool = False) -> dict[str, Any]:
    serializer = form(data=data, partial=partial)
    serializer.is_valid(raise_exception=True)
    checked: dict[str, Any] = serializer.validated_data
    return checked
