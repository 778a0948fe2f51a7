"""The registry in words, for the pages of the staff: `server.core.queue.watching.descriptions` asks for it once."""

from collections.abc import Mapping
from functools import partial
from inspect import cleandoc
from typing import Any, Final

from server.core.errors import Invalid
from server.core.queue import JobPayload
from server.core.queue.watching.descriptions import ActionDescription
from worker.action import Action
from worker.arguments import BadArguments, parse, plan_of
from worker.periodic import PERIODIC
from worker.registry import ACTIONS

HARMLESS: Final = frozenset({"ping", "process-report", *(each.job.action for each in PERIODIC)})
"""What comes round by itself may come once more, and these two are made for it. Whoever posts another one by hand must type its name, so a new Action is
dangerous until somebody has thought about it."""


def describe_registry() -> list[ActionDescription]:
    return [describe_action(name, action) for name, action in ACTIONS.items()]


def describe_action(name: str, action: type[Action[Any]]) -> ActionDescription:
    payload = action.payload
    return ActionDescription(
        name=name,
        about=_about(action, payload),
        payload=payload,
        max_seconds=action.max_seconds,
        max_attempts=action.max_attempts,
        harmless=name in HARMLESS,
        read=partial(_read, payload),
    )


def _about(action: type[Action[Any]], payload: type[Any]) -> str:
    """The job's own words say what its fields mean; a dataclass without any gets its signature from Python instead."""
    does, takes = _plain(action.__dict__.get("__doc__")), _plain(payload.__doc__)
    if takes.startswith(f"{payload.__name__}("):
        return does
    return takes if takes.startswith(does.rstrip(".")) else f"{does}\n{takes}".strip()


def _plain(doc: str | None) -> str:
    return " ".join(cleandoc(doc or "").replace("`", "").split())


def _read(payload: type[Any], arguments: Mapping[str, Any]) -> JobPayload:
    converters, _ = plan_of(payload)
    for name, value in arguments.items():
        if name in converters:
            _try(partial(converters[name], value), field=name)
    job: JobPayload = _try(partial(parse, payload, arguments))
    return job


def _try(call: Any, *, field: str | None = None) -> Any:
    try:
        return call()
    except (BadArguments, ValueError) as error:
        raise Invalid(_sentence(str(error)), field=field) from error


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
