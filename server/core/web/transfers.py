"""How slow a client may be, in either direction."""

from dataclasses import dataclass
from typing import Final

GRACE_S: Final = 20.0
MIN_BYTES_PER_S: Final = 1024
"""After the grace: a board behind a modem of 2G is four times as fast."""


@dataclass(slots=True)
class Transfer:
    """Bytes of one request or of answers, counted from a moment on (seconds of a monotonic
    clock)."""

    since_s: float
    size_bytes: int = 0

    def is_late(self, now_s: float) -> bool:
        return now_s - self.since_s > GRACE_S + self.size_bytes / MIN_BYTES_PER_S

    def bytes_per_s(self, now_s: float) -> float:
        return self.size_bytes / max(now_s - self.since_s, 1.0)
