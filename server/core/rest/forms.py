"""Form bodies, of pages and of `curl -d`: text by name, which becomes what the JSON of the same
request would be."""

import io
import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import QueryDict
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.fields import DictField, Field, JSONField, ListField
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.serializers import ListSerializer, Serializer

from server.core.rest.json_parser import load_json

_NOT_UTF_8: Final = "The form is not in UTF-8."
_CSRF_FIELD: Final = "csrfmiddlewaretoken"
"""What pages send in each of their forms; the authentication has read it."""


class UrlEncodedParser(FormParser):
    """Refuses text that is not UTF-8: Django would replace it and go on."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            pairs = parse_qsl(
                stream.read().decode(),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=settings.DATA_UPLOAD_MAX_NUMBER_FIELDS,
            )
        except UnicodeDecodeError as error:
            raise ParseError(_NOT_UTF_8) from error
        except ValueError as error:
            raise ParseError("The form has too many fields.") from error
        form = QueryDict(mutable=True)
        for name, text in pairs:
            form.appendlist(name, text)
        return form


class FormDataParser(MultiPartParser):
    """Reads as UTF-8 whatever charset the request names: some that Python knows are not for text.
    Refuses a form that is cut off, of which Django takes what it finds."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        context = parser_context or {}
        body: bytes = stream.read()
        boundary = (context["request"]._request.content_params or {}).get("boundary", "")
        if not body.rstrip().endswith(f"--{boundary}--".encode()):
            raise ParseError("The form ends before its last boundary.")
        parsed = super().parse(io.BytesIO(body), media_type, {**context, "encoding": "utf-8"})
        if any("\N{REPLACEMENT CHARACTER}" in text for _, texts in parsed.data.lists() for text in texts):
            raise ParseError(_NOT_UTF_8)
        return parsed


def fields_of_form(fields: Mapping[str, Field[Any, Any, Any, Any]], form: QueryDict) -> dict[str, Any]:
    """Returns the form as JSON would have it: a name that is missing is missing (DRF would read a
    flag that is missing as false), an empty text is a field that was left empty, repeated names are
    a list, and documents are parsed. Raises ValidationError with a field map."""
    found: dict[str, Any] = {}
    for name in form:
        if name == _CSRF_FIELD:
            continue
        field = fields.get(name)
        if isinstance(field, ListField | ListSerializer):
            found[name] = [_value(name, field.child, each) for each in form.getlist(name)]
        elif field is None or form[name] != "":
            found[name] = _value(name, field, form[name])
        elif getattr(field, "allow_blank", False):
            found[name] = ""
        elif field.allow_null:
            found[name] = None
        elif field.required:
            found[name] = ""
    return found


def _value(name: str, field: Field[Any, Any, Any, Any] | None, text: Any) -> Any:
    if not isinstance(field, JSONField | DictField | Serializer) or not isinstance(text, str):
        return text
    try:
        return load_json(text.encode(errors="surrogatepass"))
    except (ParseError, json.JSONDecodeError) as error:
        raise ValidationError({name: [f"The text is not JSON: {error}"]}) from error
    except RecursionError as error:
        raise ValidationError({name: ["The JSON is nested too deeply."]}) from error
