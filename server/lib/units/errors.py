"""Errors of units."""

from __future__ import annotations


class UnitError(ValueError):
    """An impossible conversion, such as a division by 0; the message names the factor."""
