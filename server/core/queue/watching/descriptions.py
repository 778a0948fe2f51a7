"""Which Actions there are, for whoever shows or posts them without knowing the worker.

The worker stands above us and cannot be imported here, so it says itself how to describe its registry. That loads every
Action, which a process that never asks should not pay for: it happens at the first question, once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from server.core.queue.contract import JobPayload
from server.core.queue.log.masking import is_secret, without_secrets


@dataclass(frozen=True, slots=True)
class ActionDescription:
    """`about` is a sentence or more of plain text. `read` makes the job of a message's arguments; raises Invalid, whose
    `field` names the argument where one is to blame."""

    name: str
    about: str
    payload: type[Any]
    max_seconds: int
    max_attempts: int
    harmless: bool
    read: Callable[[Mapping[str, Any]], JobPayload]

    def secret_fields(self) -> frozenset[str]:
        return frozenset(
            field.name
            for field in fields(self.payload)
            if field.metadata.get("secret") or is_secret(field.name)
        )


Describe = Callable[[], Sequence[ActionDescription]]
_describe: Describe | None = None
_descriptions: dict[str, ActionDescription] | None = None


def set_describer(describe: Describe) -> None:
    global _describe, _descriptions
    _describe, _descriptions = describe, None


def action_descriptions() -> Mapping[str, ActionDescription]:
    """By name, in the order of the names."""
    global _descriptions
    if _descriptions is None:
        if _describe is None:
            raise RuntimeError("Nobody has described the Actions: the worker is not in INSTALLED_APPS.")
        _descriptions = {each.name: each for each in sorted(_describe(), key=lambda each: each.name)}
    return _descriptions


def masked(action: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """The arguments of a message without secrets, whether its Action is known or not."""
    known = action_descriptions().get(action)
    return without_secrets(arguments, known.payload if known else object)
