"""Errors of slugs."""

from __future__ import annotations

_SHOWN_CHARACTERS = 60


class SlugError(ValueError):
    """A text is not a slug of the wanted kind, or a number does not fit into one."""

    @classmethod
    def malformed(cls, text: str, expected: str) -> SlugError:
        """Return the error for `text`, which it shortens; `expected` is an example of the right
        form."""
        shown = text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"
        return cls(f"{shown!r} is not a slug of the form {expected}.")
