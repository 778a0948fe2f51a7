"""Ids of another organisation, and for each a similar id that does not exist."""

import re
import uuid
from collections.abc import Iterator
from typing import Any, Final

from server.config.tests.sample_org import SampleOrg

NOWHERE: Final = "nowhere"
_GROUPS: Final = re.compile(r"[0-9a-f]{4}(-[0-9a-f]{4})+")


def ids_of(sample: SampleOrg) -> dict[str, str]:
    """Returns the ids by what they identify. People belong to no organisation, so they are left
    out."""
    return {
        "org": sample.org.slug,
        "org id": str(sample.org.pk),
        "org reference": sample.org.ref,
        "project": sample.project.slug,
        "project id": str(sample.project.pk),
        "empty project id": str(sample.empty_project.pk),
        "device": sample.device.slug,
        "waiting device": sample.waiting_device.slug,
        "graph": sample.graph.slug,
        "device template": sample.template.slug,
        "component": sample.component.slug,
        "project template": sample.project_template.slug,
        "variable": sample.variable.slug,
        "variable id": str(sample.variable.pk),
        "stream": sample.stream.slug,
        "block": sample.block.slug,
        "block stream": sample.block_stream.slug,
        "note": str(sample.note.pk),
        "property": str(sample.property.pk),
        "property template": str(sample.property_template.pk),
        "enum": str(sample.enum.pk),
        "config": str(sample.config.pk),
        "location": str(sample.location.pk),
        "alias": sample.alias.slug,
        "tap": str(sample.tap.pk),
        "streamer": sample.streamer.slug,
        "report": str(sample.report.pk),
        "operation": str(sample.operation.pk),
        "invitation": str(sample.invitation.pk),
        "domain": str(sample.domain.pk),
        "api key": str(sample.api_key.pk),
        "file": str(sample.file.pk),
        "file key": sample.file.object_key,
        "variable template": str(sample.variable_template.pk),
        "widget": str(sample.widget.pk),
    }


def absent(value: str, word: str) -> str:
    """Returns an id of the same form that does not exist."""
    if word in value:
        return value.replace(word, NOWHERE)
    if value.isdigit():
        return str(int(value) + 1_000_000)
    if _is_uuid(value):
        return value[:-6] + ("ffffff" if value[-6:] != "ffffff" else "eeeeee")
    return _GROUPS.sub(_other_number, value)


def leaves(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yields every leaf of a body with the path to it."""
    if isinstance(body, dict):
        for name, value in body.items():
            yield from leaves(value, (*path, name))
    elif isinstance(body, list):
        for number, value in enumerate(body):
            yield from leaves(value, (*path, number))
    else:
        yield path, body


def with_leaf(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Returns a copy with another value at this path."""
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
