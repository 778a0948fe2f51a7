"""Slugs made from names: templates, sensor graphs, components, variable types and their units."""

from __future__ import annotations

import re
import unicodedata

from server.lib.slugs.errors import SlugError

_MAX_CHARACTERS = 200
_DROPPED = re.compile(r"[^a-z0-9_\s-]")
_SEPARATORS = re.compile(r"[\s-]+")


def name_slug(name: str) -> str:
    """Return `water-meter-volume` for `Water Meter, Volume`: ASCII, lower case, one dash between
    words, letters without accents.

    Raises SlugError if nothing is left or the name is too long.
    """
    if len(name) > _MAX_CHARACTERS:
        raise SlugError(
            f"A name of {len(name)} characters is too long for a slug; {_MAX_CHARACTERS} is the limit."
        )
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    slug = _SEPARATORS.sub("-", _DROPPED.sub("", plain.lower())).strip("-_")
    if not slug:
        raise SlugError(f"The name {name!r} has no letter or digit to make a slug of.")
    return slug


def versioned_slug(name: str, major: int, minor: int, patch: int) -> str:
    """Return the slug of a device template, sensor graph, project template or org template:
    `water-meter-v1-1-0`."""
    return f"{name_slug(name)}-v{major}-{minor}-{patch}"


def component_slug(sku: str, major: int, minor: int, patch: int) -> str:
    """Return the slug of a hardware component: `btc1-3-0-0`."""
    return f"{name_slug(sku)}-{major}-{minor}-{patch}"


def input_unit_slug(var_type: str, unit: str) -> str:
    """Return the slug of an input unit: `in--temp--millikelvin`. Takes names or their slugs."""
    return f"in--{name_slug(var_type)}--{name_slug(unit)}"


def output_unit_slug(var_type: str, unit: str) -> str:
    """Return the slug of an output unit: `out--temp--celsius`. Takes names or their slugs."""
    return f"out--{name_slug(var_type)}--{name_slug(unit)}"
