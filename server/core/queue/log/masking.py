"""Masking of secrets in job arguments, for the worker log and the pages that show messages."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final

SECRET: Final = re.compile(r"passw|secret|token|private|credential|authorization|api[-_]?key", re.IGNORECASE)
MASK: Final = "***"
MAX_DEPTH: Final = 20
NESTED: Final = (Mapping, list, tuple)


def without_secrets(arguments: Mapping[str, Any], payload: type) -> Mapping[str, Any]:
    """Returns the arguments with secrets masked. A field is secret by its name or by
    `field(metadata={"secret": True})`; a nested value by its key."""
    marked = {f.name for f in fields(payload) if f.metadata.get("secret")} if is_dataclass(payload) else set()
    return {name: MASK if name in marked else _mask(name, value) for name, value in arguments.items()}


def is_secret(name: str) -> bool:
    return SECRET.search(name) is not None


def _mask(name: str, value: Any, depth: int = 0) -> Any:
    """No job of ours nests deeper than MAX_DEPTH; a message of another program may, and is masked
    below that."""
    if is_secret(name) or depth > MAX_DEPTH:
        return MASK
    if isinstance(value, Mapping):
        return {inner: _mask(str(inner), each, depth + 1) for inner, each in value.items()}
    if isinstance(value, list | tuple) and any(isinstance(each, NESTED) for each in value):
        return [_mask("", each, depth + 1) for each in value]
    return value
