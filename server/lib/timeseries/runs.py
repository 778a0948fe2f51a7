"""Runs of equal neighbours in sorted arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def runs(*keys: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the first and the last index of each run of items that are equal in all `keys`, arrays
    of the same length."""
    length = len(keys[0])
    changed = np.zeros(max(length - 1, 0), dtype=np.bool_)
    for key in keys:
        changed |= key[1:] != key[:-1]
    starts = np.flatnonzero(changed) + 1
    # An empty array has no run.
    outer = np.arange(min(length, 1), dtype=np.intp)
    return np.concatenate((outer, starts)), np.concatenate((starts, outer + length)) - 1
