"""What the API can do, as the URL map says it: every operation, with its view."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.urls import URLPattern, URLResolver
from django.urls.resolvers import RoutePattern

from server.config import api

_METHODS: Final = ("get", "post", "put", "patch", "delete")
_PARAMETER: Final = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    """Below /api/v1/, parameters without their converters: device/{slug}/reset/."""
    view: type[Any]
    handler: str
    """The name of the view's method."""

    @property
    def key(self) -> tuple[str, str]:
        return self.method, self.path

    @property
    def noun(self) -> str:
        return self.path.partition("/")[0]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def operations() -> list[Operation]:
    """In the order of the URL map; what is there twice comes twice."""
    return list(_operations_below(api.urlpatterns, ""))


def without_converters(route: str) -> str:
    return _PARAMETER.sub(r"{\1}", route)


def view_of(callback: Any) -> type[Any]:
    """The class behind a function of the URL map."""
    view: type[Any] = callback.cls
    return view


def _operations_below(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[Operation]:
    for each in patterns:
        if not isinstance(each.pattern, RoutePattern):
            continue  # the one that catches what is not there
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _operations_below(each.url_patterns, route)
        else:
            path, view = without_converters(route), view_of(each.callback)
            for method, handler in _handlers(each.callback):
                yield Operation(method.upper(), path, view, handler)


def _handlers(callback: Any) -> list[tuple[str, str]]:
    """By method; a view set names them itself."""
    actions = getattr(callback, "actions", None) or {
        name: name for name in _METHODS if hasattr(view_of(callback), name)
    }
    return [(name, actions[name]) for name in _METHODS if name in actions]
