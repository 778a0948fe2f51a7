"""Descriptions of the registered Actions, for the staff pages
(`server.core.queue.watching.descriptions`)."""

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
"""Actions that staff may post without typing their name: periodic ones may always run once more,
and these two are made for it. A new Action counts as dangerous until it is listed here."""


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
    """The payload's docstring explains its fields. A dataclass without one has its signature as
    docstring, which is left out."""
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
