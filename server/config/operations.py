"""The operations of the API, read from the URL map, with their views."""

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
    """Below /api/v1/, with parameters without their converters: device/{slug}/reset/."""
    view: type[Any]
    handler: str
    """The name of the method of the view."""

    @property
    def key(self) -> tuple[str, str]:
        return self.method, self.path

    @property
    def noun(self) -> str:
        return self.path.partition("/")[0]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def operations() -> list[Operation]:
    """Returns all operations in the order of the URL map, duplicates too."""
    return list(_operations_below(api.urlpatterns, ""))


def without_converters(route: str) -> str:
    return _PARAMETER.sub(r"{\1}", route)


def view_of(callback: Any) -> type[Any]:
    """Returns the class of a view function of the URL map."""
    view: type[Any] = callback.cls
    return view


def _operations_below(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[Operation]:
    for each in patterns:
        if not isinstance(each.pattern, RoutePattern):
            continue  # the one that catches all other paths
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _operations_below(each.url_patterns, route)
        else:
            path, view = without_converters(route), view_of(each.callback)
            for method, handler in _handlers(each.callback):
                yield Operation(method.upper(), path, view, handler)


def _handlers(callback: Any) -> list[tuple[str, str]]:
    """Returns the HTTP methods with the view's methods; a view set has its own mapping."""
    actions = getattr(callback, "actions", None) or {
        name: name for name in _METHODS if hasattr(view_of(callback), name)
    }
    return [(name, actions[name]) for name in _METHODS if name in actions]
