"""Translation between SQS's messages and ours."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from server.core.queue.contract import MAX_BATCH, DeadLetter, Delivery
from server.core.queue.wire import decode

MAX_REQUEST_BYTES: Final = 256 * 1024  # bodies and attributes, of a message and of a batch
ATTRIBUTES_BYTES: Final = 600  # names, types, and the short ones
Raw = dict[str, Any]


class Outgoing(NamedTuple):
    """A message to send. `org`: SQS gives each organisation its share; "" for none."""

    body: str
    org: str


def batches(messages: Iterable[Outgoing]) -> Iterator[list[Outgoing]]:
    """Yields batches as large as SQS accepts, by number and by bytes."""
    batch: list[Outgoing] = []
    size = 0
    for message in messages:
        length = len(message.body.encode())
        if batch and (len(batch) == MAX_BATCH or size + length > MAX_REQUEST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += length
    if batch:
        yield batch


def truncated_attributes(body: str, *, reason: str, **values: str | int) -> Raw:
    """Returns attributes with the reason cut to what fits: a large message of another program
    leaves little space, and must still become a dead letter."""
    room = MAX_REQUEST_BYTES - len(body.encode()) - ATTRIBUTES_BYTES
    short = reason.encode(errors="replace")[: max(0, room)].decode(errors="ignore")
    return attributes(**values, reason=short) if room > 0 else {}


def attributes(**values: str | int) -> Raw:
    """Returns SQS attributes. They cannot be empty, and not every character is allowed."""
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


class Receipt(NamedTuple):
    """What identifies a delivery: the queue that made it, and its own handle."""

    url: str
    handle: str


def delivery_of(raw: Raw, url: str) -> Delivery:
    return Delivery(
        message=decode(raw["Body"]),
        body=raw["Body"],
        attempt=_count(raw, "earlier") + int(raw["Attributes"]["ApproximateReceiveCount"]),
        receipt=Receipt(url, raw["ReceiptHandle"]),
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
    """Returns when it died; for a message that another program put there, when it was sent."""
    try:
        return datetime.fromisoformat(_attribute(raw, "died_on", ""))
    except ValueError:
        return datetime.fromtimestamp(int(raw["Attributes"]["SentTimestamp"]) / 1000, UTC)
