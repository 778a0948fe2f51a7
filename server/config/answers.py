"""What reads answer: the original cloud's, from a list, and ours, from our documentation."""

import json
import tomllib
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from django.conf import settings
from rest_framework.pagination import PageNumberPagination

from server.config.docs import rendered_schema
from server.config.operations import Operation, operations
from server.core.rest.numbers import PositiveField
from server.core.rest.queries import HARMLESS, parameters_of, query_forms_of

FILE: Final = settings.ROOT / "docs" / "protocol" / "rest-v1.answers.toml"
_JSON: Final = "application/json"
_PREFIX: Final = "/api/v1/"


@dataclass(frozen=True, slots=True)
class Answer:
    """Of one read. `sizes`: how many rows a page has, and at most; None without pages."""

    kind: str
    fields: tuple[str, ...]
    filters: dict[str, str]
    """Defaults by name; empty where there is none."""
    sizes: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Original:
    """Of one read of the original cloud, and why ours differs from it."""

    answer: Answer
    order: str
    ours: str
    """Our order; the same unless `differs` says why not."""
    differs: dict[str, str] = field(default_factory=dict)


@cache
def originals() -> dict[str, Original]:
    """Returns them by "GET path/"."""
    entries = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {name: _original(**entry) for name, entry in entries.items()}


def answer_of(operation: Operation) -> Answer:
    document = _document()["paths"][_PREFIX + operation.path][operation.method.lower()]
    content = document["responses"]["200"]["content"]
    schema = _resolved(content.get(_JSON, {}).get("schema", {}))
    kind, fields = _kind_and_fields(schema)
    return Answer(kind, fields, _filters(operation, document), _sizes(operation, kind))


def differences(operation: Operation, original: Original) -> set[str]:
    """Returns the keys that need a reason: "answer", "sizes", -name and +name."""
    theirs, ours = original.answer, answer_of(operation)
    changed = {"answer"} if theirs.kind != ours.kind else set()
    changed |= {"sizes"} if theirs.sizes != ours.sizes and theirs.kind == ours.kind else set()
    changed |= {"order"} if original.order != original.ours else set()
    lost = (set(theirs.fields) - set(ours.fields)) | (theirs.filters.keys() - ours.filters.keys())
    return (
        changed | {f"-{name}" for name in lost} | {f"+{name}" for name in {*ours.fields} - {*theirs.fields}}
    )


def reads() -> list[Operation]:
    return [each for each in operations() if each.method == "GET"]


def _original(
    answer: str,
    fields: str = "",
    sizes: str = "",
    filters: str = "",
    order: str = "",
    ours: str = "",
    differs: dict[str, str] | None = None,
) -> Original:
    most = tuple(map(int, sizes.split()))
    known = Answer(
        answer,
        tuple(fields.split()),
        dict.fromkeys(filters.split(), ""),
        (most[0], most[1]) if most else None,
    )
    return Original(known, order, ours or order, differs or {})


@cache
def _document() -> dict[str, Any]:
    content, _ = rendered_schema("application/json")
    found: dict[str, Any] = json.loads(content)
    return found


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """Returns the schema that a reference names."""
    while "$ref" in schema:
        schema = _document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _kind_and_fields(schema: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    names = tuple(schema.get("properties", ()))
    if schema.get("type") == "array":
        return "list", tuple(_resolved(schema["items"]).get("properties", ()))
    if "results" in names:
        row = _resolved(_resolved(schema["properties"]["results"]).get("items", {}))
        kind = "page" if "next" in names else "numbered" if "next_page" in names else "object"
        return kind, tuple(row.get("properties", ()))
    if "draw" in names:
        return "table", names
    return ("object", names) if names else ("file", ())


def _filters(operation: Operation, document: dict[str, Any]) -> dict[str, str]:
    names = parameters_of(operation.view, operation.handler) - HARMLESS.keys()
    defaults = {each["name"]: each["schema"].get("default") for each in document.get("parameters", ())}
    return {name: _written(defaults.get(name)) for name in sorted(names)}


def _written(default: Any) -> str:
    return "" if default in (None, "") else json.dumps(default)


def _sizes(operation: Operation, kind: str) -> tuple[int, int] | None:
    if kind != "page":
        return None
    for form in query_forms_of(operation.view, operation.handler):
        size = form.fields.get("page_size")
        if isinstance(size, PositiveField) and size.default is not None:
            return int(size.default), size.most
    pages: type[PageNumberPagination] = operation.view.pagination_class
    return pages.page_size or 0, pages.max_page_size or 0
