"""Messages as text. The format is described in docs/operations/worker.md."""

import json
from typing import Any, Final

from server.core.lanes import Lane
from server.core.queue.contract import MAX_BODY_BYTES, JobTooLarge, Message

_LANES: Final = tuple(Lane)


def encode(message: Message) -> str:
    """Raises TypeError when an argument is not a plain value, which is a mistake in the job's
    dataclass. Raises JobTooLarge on every back end, so that a job that works on one works on
    SQS."""
    body = json.dumps(
        {
            "id": message.id,
            "action": message.action,
            "arguments": message.arguments,
            "key": message.key,
            "org": message.org,
            "lane": message.lane.value,
        },
        separators=(",", ":"),
    )
    if len(body) > MAX_BODY_BYTES:  # JSON as Python writes it is ASCII
        raise JobTooLarge(
            f"A job of {message.action!r} has {len(body)} bytes; the limit is {MAX_BODY_BYTES}."
        )
    return body


def message_prefix(identifier: str) -> str:
    """Returns how the text of a message with this id begins, to search for it."""
    return f'{{"id":{json.dumps(identifier)},'


def decode(body: str) -> Message | None:
    """Returns None for anything that is not a message: whoever has the queue's credentials can put
    anything there."""
    if len(body) > MAX_BODY_BYTES:
        return None
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
    org, lane = parts.get("org", ""), parts.get("lane", Lane.SHORT)  # messages of version 0.1 have neither
    if not isinstance(arguments, dict) or not isinstance(org, str) or lane not in _LANES:
        return None
    return Message(id=identifier, action=action, arguments=arguments, key=key, org=org, lane=Lane(lane))
