"""Checked conversion of a message's arguments to the job's dataclass: whoever has the queue's
credentials can send anything, and a message may be older than the code that reads it."""

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

Payload = TypeVar("Payload")
Convert = Callable[[object], object]
Plan = tuple[dict[str, Convert], frozenset[str]]  # a converter per field; the required fields
PLAIN: Final[Mapping[type, tuple[type, ...]]] = {
    str: (str,),
    int: (int,),
    float: (int, float),
    bool: (bool,),
    types.NoneType: (types.NoneType,),
}

_plans: dict[type[Any], Plan] = {}  # cached per dataclass


class BadArguments(ValueError):
    """The arguments do not fit the job; the message names the field."""


def parse(payload: type[Payload], arguments: Mapping[str, Any]) -> Payload:
    """Returns the job. Raises BadArguments."""
    converters, required = plan_of(payload)
    unknown, missing = arguments.keys() - converters.keys(), required - arguments.keys()
    if unknown:
        raise BadArguments(f"unknown argument {min(unknown)!r}")
    if missing:
        raise BadArguments(f"missing argument {min(missing)!r}")
    values = {name: _convert(name, converters[name], value) for name, value in arguments.items()}
    try:
        return payload(**values)
    except ValueError as error:
        raise BadArguments(str(error)) from error


def _convert(name: str, convert: Convert, value: object) -> object:
    try:
        return convert(value)
    except ValueError as error:
        raise BadArguments(f"argument {name!r}: {error}") from error


def plan_of(payload: type[Any]) -> Plan:
    """Returns how to read a dataclass. Raises TypeError when the queue cannot carry the type of a
    field."""
    if payload not in _plans:
        _plans[payload] = _make_plan(payload)
    return _plans[payload]


def _make_plan(payload: type[Any]) -> Plan:
    hints = get_type_hints(payload)
    converters = {field.name: _converter(hints[field.name]) for field in fields(payload)}
    required = frozenset(
        field.name
        for field in fields(payload)
        if field.default is MISSING and field.default_factory is MISSING
    )
    return converters, required


def _converter(hint: Any) -> Convert:
    """Supports the types that JSON can carry; a tuple is sent as a list."""
    origin, parts = get_origin(hint), get_args(hint)
    if hint in PLAIN:
        return _plain(hint)
    if origin in (Union, types.UnionType):
        return _one_of([_converter(part) for part in parts], hint)
    if origin is tuple and len(parts) == 2 and parts[1] is Ellipsis:
        return _sequence(tuple, _converter(parts[0]))
    if origin is list:
        return _sequence(list, _converter(parts[0]))
    if origin is dict and parts[0] is str:
        return _mapping(_converter(parts[1]))
    raise TypeError(f"{hint!r} cannot cross the queue")


def _plain(expected: type) -> Convert:
    accepted = PLAIN[expected]

    def convert(value: object) -> object:
        if type(value) not in accepted:
            raise ValueError(f"{_brief(value)} is not {expected.__name__}")
        return float(value) if expected is float else value  # type: ignore[arg-type]  # checked above: an int or a float

    return convert


def _one_of(choices: list[Convert], hint: Any) -> Convert:
    def convert(value: object) -> object:
        for choice in choices:
            try:
                return choice(value)
            except ValueError:
                continue
        raise ValueError(f"{_brief(value)} is not {hint}")

    return convert


def _sequence(kind: Callable[[Any], object], item: Convert) -> Convert:
    def convert(value: object) -> object:
        if not isinstance(value, list):
            raise ValueError(f"{_brief(value)} is not a list")
        return kind([item(part) for part in value])

    return convert


def _mapping(item: Convert) -> Convert:
    def convert(value: object) -> object:
        if not isinstance(value, dict):
            raise ValueError(f"{_brief(value)} is not a mapping")
        return {str(name): item(part) for name, part in value.items()}

    return convert


def _brief(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
