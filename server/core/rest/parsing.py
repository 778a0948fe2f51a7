"""The first of the four moves of a view: what came in becomes checked values."""

from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.serializers import Serializer


def body_of(request: Request) -> Any:
    """The parsed body. Raises ParseError also for JSON that is nested deeper than anyone needs."""
    try:
        return request.data
    except RecursionError as error:
        raise ParseError("The JSON is nested too deeply.") from error


def parsed(form: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    """The body through an input serializer. Raises ValidationError with a field map."""
    return _checked(form, body_of(request))


def parsed_query(form: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    """The query through an input serializer; `name=` is as good as nothing. Raises ValidationError with a field map."""
    return _checked(form, {name: text for name, text in request.query_params.items() if text})


def _checked(form: type[Serializer[Any]], data: Any) -> dict[str, Any]:
    serializer = form(data=data)
    serializer.is_valid(raise_exception=True)
    checked: dict[str, Any] = serializer.validated_data
    return checked
