"""Deterministic noise: a device measures the same at the same second in every run, so nothing of it
has to be stored."""

import struct
from hashlib import blake2b

_TWO_32 = 2.0**32


def fraction(*parts: int) -> float:
    """Returns a number from 0 up to 1 that looks random and depends only on the parts (64 bits
    each)."""
    digest = blake2b(struct.pack(f"<{len(parts)}q", *parts), digest_size=4).digest()
    return int.from_bytes(digest, "little") / _TWO_32


def drift(seed: int, at_s: int, period_s: int) -> float:
    """Returns the value of a smooth curve between -1 and 1 that turns about once a period."""
    slot, offset_s = divmod(at_s, period_s)
    left, right = fraction(seed, period_s, slot), fraction(seed, period_s, slot + 1)
    progress = offset_s / period_s
    eased = progress * progress * (3 - 2 * progress)
    return 2 * (left + (right - left) * eased) - 1
