"""Payloads of the REST layer's housekeeping jobs."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class CleanIdempotentAnswers:
    """Delete old answers that were kept for repeated requests."""

    action: ClassVar[str] = "clean-idempotent-answers"
    order_key: ClassVar[str] = ""
