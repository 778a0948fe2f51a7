"""Ids of another organisation, and for each one that looks like it and does not exist."""

import re
import uuid
from collections.abc import Iterator
from typing import Any, Final

from server.config.tests.world import Estate

NOWHERE: Final = "nowhere"
_GROUPS: Final = re.compile(r"[0-9a-f]{4}(-[0-9a-f]{4})+")


def ids_of(estate: Estate) -> dict[str, str]:
    """By what they name. People belong to no organisation, so they are not among them."""
    return {
        "org": estate.org.slug,
        "org id": str(estate.org.pk),
        "org reference": estate.org.ref,
        "project": estate.project.slug,
        "project id": str(estate.project.pk),
        "empty project id": str(estate.empty_project.pk),
        "device": estate.device.slug,
        "waiting device": estate.waiting_device.slug,
        "graph": estate.graph.slug,
        "device template": estate.template.slug,
        "component": estate.component.slug,
        "project template": estate.project_template.slug,
        "variable": estate.variable.slug,
        "variable id": str(estate.variable.pk),
        "stream": estate.stream.slug,
        "block": estate.block.slug,
        "block stream": estate.block_stream.slug,
        "note": str(estate.note.pk),
        "property": str(estate.property.pk),
        "property template": str(estate.property_template.pk),
        "enum": str(estate.enum.pk),
        "config": str(estate.config.pk),
        "location": str(estate.location.pk),
        "alias": estate.alias.slug,
        "tap": str(estate.tap.pk),
        "streamer": estate.streamer.slug,
        "report": str(estate.report.pk),
        "operation": str(estate.operation.pk),
        "invitation": str(estate.invitation.pk),
        "domain": str(estate.domain.pk),
        "api key": str(estate.api_key.pk),
        "file": str(estate.file.pk),
        "file key": estate.file.object_key,
        "variable template": str(estate.variable_template.pk),
        "widget": str(estate.widget.pk),
    }


def absent(value: str, word: str) -> str:
    """Of the same shape, and of nothing that exists."""
    if word in value:
        return value.replace(word, NOWHERE)
    if value.isdigit():
        return str(int(value) + 1_000_000)
    if _is_uuid(value):
        return value[:-6] + ("ffffff" if value[-6:] != "ffffff" else "eeeeee")
    return _GROUPS.sub(_other_number, value)


def leaves(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every value of a body that holds no others, and the way to it."""
    if isinstance(body, dict):
        for name, value in body.items():
            yield from leaves(value, (*path, name))
    elif isinstance(body, list):
        for number, value in enumerate(body):
            yield from leaves(value, (*path, number))
    else:
        yield path, body


def with_leaf(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy with another value there."""
    if not path:
        return value
    first, *rest = path
    if isinstance(body, list):
        return [with_leaf(each, tuple(rest), value) if n == first else each for n, each in enumerate(body)]
    return {
        name: with_leaf(each, tuple(rest), value) if name == first else each for name, each in body.items()
    }


def _other_number(found: re.Match[str]) -> str:
    groups = found.group().split("-")
    groups[-2] = "0777"
    return "-".join(groups)


def _is_uuid(value: str) -> bool:
    try:
        return str(uuid.UUID(value)) == value
    except ValueError:
        return False
