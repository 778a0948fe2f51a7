"""Which query parameters an operation takes: those that its documentation lists. Any other is
refused, since a misspelled filter would be ignored in silence: the caller asked for some rows and
got all."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, ClassVar, Final, TypeGuard

from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

HARMLESS: Final = {
    "_": "Against caches; changes nothing.",
    "format": "The form of the answer, where there are several.",
    "page": "Which page of a list.",
    "page_size": "How long the pages of a list are.",
    "staff": "1: staff ask for the objects of all organisations.",
}
"""What clients send with every request, whether or not it makes a difference there. None of them
is meant to narrow an answer."""
_MOST_NAMES: Final = 10
_View = Callable[..., HttpResponseBase]


class QueryMiddleware:
    """Refuses what an operation does not take with a 400 that names it, but not before its view has
    found out who asks. A view whose parameters no list of names could hold has a pattern of them,
    `other_parameters`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "?" in request.META.get("QUERY_STRING", "") and _is_operation(request):
            _read_second_question_mark(request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, callback: _View, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if not request.META.get("QUERY_STRING") or not _is_operation(request) or not _is_view(callback):
            return None
        problems = _problems(request, callback)
        return _refusal(callback, problems)(request, *args, **kwargs) if problems else None


def parameters_of(view: type[Any], handler: str) -> frozenset[str]:
    """Returns the names that the documentation of this method of a view lists, without those of
    pages."""
    return frozenset(_names(view, handler))


def _is_operation(request: HttpRequest) -> bool:
    """Not the documentation, whose pages have parameters of their own."""
    return request.path_info.startswith("/api/v1/")


def _read_second_question_mark(request: HttpRequest) -> None:
    """Read it as `&`: an existing client sends `?filter=s--…?lastn=5`."""
    request.META["QUERY_STRING"] = request.META["QUERY_STRING"].replace("?", "&")
    request.GET = QueryDict(request.META["QUERY_STRING"], encoding=request.encoding)


def _is_view(callback: Any) -> TypeGuard[Any]:
    cls = getattr(callback, "cls", None)
    return isinstance(cls, type) and issubclass(cls, APIView)


def _problems(request: HttpRequest, callback: Any) -> dict[str, list[str]]:
    handler = _handler_of(callback, request.method or "")
    if handler is None:
        return {}
    known = _known(callback.cls, handler)
    others = getattr(callback.cls, "other_parameters", None)
    problems: dict[str, list[str]] = {}
    for name, texts in request.GET.lists():
        if name not in known and (others is None or not others.fullmatch(name)):
            problems[name] = [_unknown(known)]
        elif name not in HARMLESS and len(set(texts)) > 1:
            problems[name] = ["This parameter is there twice, with different values."]
        if len(problems) == _MOST_NAMES:
            break
    return problems


def _handler_of(callback: Any, method: str) -> str | None:
    name = "get" if method == "HEAD" else method.lower()
    actions = getattr(callback, "actions", None)
    if actions is not None:
        found: str | None = actions.get(name)
        return found
    return name if name != "options" and hasattr(callback.cls, name) else None


def _unknown(known: frozenset[str]) -> str:
    own, common = sorted(known - HARMLESS.keys()), ", ".join(HARMLESS)
    if not own:
        return f"There is no such parameter: nothing is taken here but {common}."
    return f"There is no such parameter: {', '.join(own)} are taken here, and everywhere {common}."


@cache
def _known(view: type[Any], handler: str) -> frozenset[str]:
    return parameters_of(view, handler) | HARMLESS.keys()


def _names(view: type[Any], handler: str) -> Iterator[str]:
    for parameter in _documented(view, handler):
        if isinstance(parameter, OpenApiParameter) and parameter.location == OpenApiParameter.QUERY:
            yield parameter.name
    for form in query_forms_of(view, handler):
        yield from form.fields.keys()
    filters = getattr(view, "filterset_class", None)
    if filters is not None and handler in {"list", "get"}:
        yield from filters.base_filters


def query_forms_of(view: type[Any], handler: str) -> list[Serializer[Any]]:
    """Returns the serializers that the documentation of this method of a view has for its query."""
    forms = [each for each in _documented(view, handler) if not isinstance(each, OpenApiParameter)]
    return [each() if isinstance(each, type) else each for each in forms]


def _documented(view: type[Any], handler: str) -> list[Any]:
    """Returns what `extend_schema(parameters=…)` names."""
    schema = getattr(getattr(view, handler), "kwargs", {}).get("schema")
    if schema is None:
        return []
    described = schema()
    described.view = view(request=None, kwargs={})
    found: list[Any] = described.get_override_parameters()
    return found


@cache
def _refusing(view: type[Any]) -> type[Any]:
    """Returns a subclass that raises ValidationError where the view would begin with its work."""

    class Refusing(view):  # type: ignore[misc]  # its base is known at runtime only
        problems: ClassVar[dict[str, list[str]]] = {}

        def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
            super().initial(request, *args, **kwargs)
            raise ValidationError(self.problems)

    return Refusing


def _refusal(callback: Any, problems: dict[str, list[str]]) -> _View:
    options = {**callback.initkwargs, "problems": problems}
    actions = getattr(callback, "actions", None)
    cls = _refusing(callback.cls)
    view: _View = cls.as_view(**options) if actions is None else cls.as_view(dict(actions), **options)
    return view
