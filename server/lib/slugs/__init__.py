"""Identifiers of all kinds of objects: parse, print, order.

The grammar with all accepted short forms is in the protocol documentation, page "Slugs".
"""

from __future__ import annotations

from server.lib.slugs.base import Slug
from server.lib.slugs.composed import BlockSlug, FilterSlug, StreamerSlug, StreamSlug, VariableSlug
from server.lib.slugs.errors import SlugError
from server.lib.slugs.known_variables import variable_name
from server.lib.slugs.names import (
    component_slug,
    input_unit_slug,
    name_slug,
    output_unit_slug,
    versioned_slug,
)
from server.lib.slugs.numbered import AliasSlug, DeviceSlug, FleetSlug, ProjectSlug, ScriptSlug
from server.lib.slugs.references import AccountRef, OrgRef
from server.lib.slugs.variables import (
    MOST_NAMED_VARIABLES,
    StreamType,
    is_named_variable,
    is_system_variable,
    named_variable,
    parse_variable,
    stream_type,
    variable_code,
)

__all__ = [
    "KINDS",
    "MOST_NAMED_VARIABLES",
    "AccountRef",
    "AliasSlug",
    "BlockSlug",
    "DeviceSlug",
    "FilterSlug",
    "FleetSlug",
    "OrgRef",
    "ProjectSlug",
    "ScriptSlug",
    "Slug",
    "SlugError",
    "StreamSlug",
    "StreamType",
    "StreamerSlug",
    "VariableSlug",
    "component_slug",
    "input_unit_slug",
    "is_named_variable",
    "is_system_variable",
    "name_slug",
    "named_variable",
    "output_unit_slug",
    "parse_any",
    "parse_variable",
    "stream_type",
    "variable_code",
    "variable_name",
    "versioned_slug",
]

KINDS: tuple[type[Slug], ...] = (
    ProjectSlug,
    DeviceSlug,
    BlockSlug,
    VariableSlug,
    StreamSlug,
    StreamerSlug,
    FilterSlug,
    AliasSlug,
    FleetSlug,
    ScriptSlug,
    AccountRef,
    OrgRef,
)

_BY_PREFIX = {kind.PREFIX: kind for kind in KINDS}


def parse_any(text: str) -> Slug:
    """Return a slug of the kind of its prefix. Raises SlugError for an unknown prefix or a
    malformed slug."""
    kind = _BY_PREFIX.get(text[:3].lower()) or _BY_PREFIX.get(text[:1])
    if kind is None:
        raise SlugError.malformed(text, "x--0000-0000, with a letter that names a kind of object")
    return kind.parse(text)
