"""A message as text, and back. The format is in docs/operations/worker.md."""

import json
from typing import Any

from server.core.queue.contract import MAX_BODY_BYTES, JobTooLarge, Message


def encode(message: Message) -> str:
    """Raises TypeError when an argument is not a plain value: a mistake in the job's dataclass. Raises JobTooLarge on every
    back end, since the next one may be SQS."""
    body = json.dumps(
        {"id": message.id, "action": message.action, "arguments": message.arguments, "key": message.key},
        separators=(",", ":"),
    )
    if len(body) > MAX_BODY_BYTES:  # JSON as Python writes it is ASCII
        raise JobTooLarge(
            f"A job of {message.action!r} has {len(body)} bytes, and {MAX_BODY_BYTES} are the most."
        )
    return body


def opening(identifier: str) -> str:
    """How the text of a message with this id begins, so that it can be looked for."""
    return f'{{"id":{json.dumps(identifier)},'


def decode(body: str) -> Message | None:
    """None for anything that is not a message; a queue is open to whoever has its credentials."""
    try:
        parts = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return _message(parts) if isinstance(parts, dict) else None


def _message(parts: dict[str, Any]) -> Message | None:
    identifier, action = parts.get("id"), parts.get("action")
    arguments, key = parts.get("arguments"), parts.get("key", "")
    if not (isinstance(identifier, str) and isinstance(action, str) and isinstance(key, str)):
        return None
    if not isinstance(arguments, dict):
        return None
    return Message(id=identifier, action=action, arguments=arguments, key=key)
