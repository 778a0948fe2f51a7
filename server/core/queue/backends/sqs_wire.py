"""What SQS calls a message, and what we do."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from server.core.queue.contract import MAX_BATCH, DeadLetter, Delivery
from server.core.queue.wire import decode

MAX_REQUEST_BYTES: Final = 256 * 1024  # bodies and attributes, of a message and of a batch
ATTRIBUTES_BYTES: Final = 600  # names, types, and the short ones
Raw = dict[str, Any]


def batches(bodies: Iterable[str]) -> Iterator[list[str]]:
    """As many at once as SQS takes, by number and by bytes."""
    batch: list[str] = []
    size = 0
    for body in bodies:
        length = len(body.encode())
        if batch and (len(batch) == MAX_BATCH or size + length > MAX_REQUEST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(body)
        size += length
    if batch:
        yield batch


def truncated_attributes(body: str, *, reason: str, **values: str | int) -> Raw:
    """The reason gives way: a message that somebody else put there may leave it little room, and must still be buried."""
    room = MAX_REQUEST_BYTES - len(body.encode()) - ATTRIBUTES_BYTES
    short = reason.encode(errors="replace")[: max(0, room)].decode(errors="ignore")
    return attributes(**values, reason=short) if room > 0 else {}


def attributes(**values: str | int) -> Raw:
    """An attribute cannot be empty, and not every character is allowed in one."""
    return {
        name: {"DataType": "String", "StringValue": _printable(str(value))}
        for name, value in values.items()
        if value != ""
    }


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() or letter in "\n\t" else "\ufffd" for letter in text)


def _attribute(raw: Raw, name: str, default: str) -> str:
    return str(raw.get("MessageAttributes", {}).get(name, {}).get("StringValue", default))


def _count(raw: Raw, name: str) -> int:
    text = _attribute(raw, name, "0")
    return int(text) if text.isdecimal() else 0


def delivery_of(raw: Raw) -> Delivery:
    return Delivery(
        message=decode(raw["Body"]),
        body=raw["Body"],
        attempt=_count(raw, "earlier") + int(raw["Attributes"]["ApproximateReceiveCount"]),
        receipt=raw["ReceiptHandle"],
        deferred=_count(raw, "deferred"),
    )


def dead_letter_of(raw: Raw) -> DeadLetter:
    message = decode(raw["Body"])
    return DeadLetter(
        body=raw["Body"],
        action=_attribute(raw, "action", ""),
        attempts=_count(raw, "attempts"),
        reason=_attribute(raw, "reason", ""),
        died_on=died_on(raw),
        handle=raw["MessageId"],
        message_id=message.id if message else "",
        key=message.key if message else "",
    )


def died_on(raw: Raw) -> datetime:
    """Somebody else may have put a message there; then we know no better than when it came."""
    try:
        return datetime.fromisoformat(_attribute(raw, "died_on", ""))
    except ValueError:
        return datetime.fromtimestamp(int(raw["Attributes"]["SentTimestamp"]) / 1000, UTC)
