"""The REST layer's own housekeeping."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class CleanIdempotentAnswers:
    """Forget the answers that were kept for repeated requests."""

    action: ClassVar[str] = "clean-idempotent-answers"
    order_key: ClassVar[str] = ""
