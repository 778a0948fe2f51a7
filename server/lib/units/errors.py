"""What goes wrong with a unit."""

from __future__ import annotations


class UnitError(ValueError):
    """A conversion that no number can go through, such as a division by 0; the message names the factor."""
