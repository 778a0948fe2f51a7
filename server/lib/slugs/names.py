"""Slugs made from names: templates, sensor graphs, components, variable types and their units."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from server.lib.slugs.errors import SlugError

_MAX_CHARACTERS = 200
_NUMBER_LENGTH = 9
_SHORT = 30
_LATIN = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "Æ": "ae",
        "œ": "oe",
        "Œ": "oe",
        "ø": "o",
        "Ø": "o",
        "ł": "l",
        "Ł": "l",
        "đ": "d",
        "Đ": "d",
        "þ": "th",
    }
)
"""Latin letters that are no ASCII letter with an accent."""
_DROPPED = re.compile(r"[^a-z0-9_\s-]")
_SEPARATORS = re.compile(r"[\s-]+")


def name_slug(name: str) -> str:
    """Return `water-meter-volume` for `Water Meter, Volume`: ASCII, lower case, one dash between
    words, letters without accents.

    A name with letters of another script gets a number of its own (`n5f3c09aa` for `東京`), so that
    two such names do not clash for what they have in ASCII. Raises SlugError if it has no letter or
    digit, or is too long.
    """
    if len(name) > _MAX_CHARACTERS:
        raise SlugError(
            f"A name of {len(name)} characters is too long for a slug; {_MAX_CHARACTERS} is the limit."
        )
    letters = unicodedata.normalize("NFKD", name.translate(_LATIN))
    plain = letters.encode("ascii", "ignore").decode("ascii")
    slug = _SEPARATORS.sub("-", _DROPPED.sub("", plain.lower())).strip("-_")
    if any(letter.isalnum() and not letter.isascii() for letter in letters):
        stem = slug[: max(len(name) - _NUMBER_LENGTH - 1, 0)].strip("-_")
        return f"{stem}-{_number(name)}".lstrip("-")
    if not slug:
        raise SlugError(f"The name {name!r} has no letter or digit to make a slug of.")
    # Ligatures are several letters; columns for slugs are made for the length of names.
    return slug if len(slug) <= max(len(name), _SHORT) else slug[: len(name)].strip("-_")


def _number(name: str) -> str:
    same = unicodedata.normalize("NFKC", name).casefold()
    return f"n{hashlib.sha256(same.encode(errors='replace')).hexdigest()[: _NUMBER_LENGTH - 1]}"


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
