"""Descriptions of the Actions, for the pages that show and post jobs. The worker is above `core`
and cannot be imported here, so it registers a function; as that loads every Action, it is called
once and only when needed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from server.core.queue.contract import JobPayload
from server.core.queue.log.masking import is_secret, without_secrets


@dataclass(frozen=True, slots=True)
class ActionDescription:
    """`about` is plain text. `read` makes the job from a message's arguments; it raises Invalid,
    whose `field` names the wrong argument if there is one."""

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
    """Returns the descriptions by name, sorted."""
    global _descriptions
    if _descriptions is None:
        if _describe is None:
            raise RuntimeError("No describer is registered: the worker is not in INSTALLED_APPS.")
        _descriptions = {each.name: each for each in sorted(_describe(), key=lambda each: each.name)}
    return _descriptions


def masked(action: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns the arguments of a message with secrets masked, whether its Action is known or
    not."""
    known = action_descriptions().get(action)
    return without_secrets(arguments, known.payload if known else object)
