"""The queue on SQS, or on anything that speaks its API. A standard queue and a second one, `<name>-dead`.

A standard queue keeps no order: jobs of one key are kept apart by the worker (`worker/middleware/key_order.py`).

SQS counts every hand-out and cannot take one back. So a message that is given back without a failure is sent anew, with what
it has on its clock as attributes, and the old one is deleted; a crash between the two makes two of it, which is allowed.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from server.core.errors import Unavailable
from server.core.queue import joblog
from server.core.queue.base import MAX_BATCH, Counts, DeadLetter, Delivery, Depth, JobRecord, Message
from server.core.queue.wire import decode, encode

MAX_WAIT_S: Final = 20
RETENTION_S: Final = 14 * 86400
READ_TIMEOUT_S: Final = MAX_WAIT_S + 5
SEND_TIMEOUT_S: Final = 3  # an upload waits for this; the sweeper sends what did not get through
LISTING_HIDES_S: Final = 1
COUNTERS: Final = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed")
LOST: Final = ("MessageNotInflight", "ReceiptHandleIsInvalid", "InvalidParameterValue")
Raw = dict[str, Any]


class SqsQueue:
    transactional = False
    ordered = False

    def __init__(self, *, name: str, region: str, endpoint: str = "") -> None:
        """`endpoint` is "" on AWS. Credentials come from where boto3 looks for them."""
        self._name = name
        self._region = region
        self._endpoint = endpoint or None

    def send(self, messages: Sequence[Message], *, delay_seconds: int = 0) -> None:
        with _translated():
            for start in range(0, len(messages), MAX_BATCH):
                self._send_batch(messages[start : start + MAX_BATCH], delay_seconds)

    def _send_batch(self, messages: Sequence[Message], delay_seconds: int) -> None:
        entries = [
            {"Id": str(place), "MessageBody": encode(message), "DelaySeconds": delay_seconds}
            for place, message in enumerate(messages)
        ]
        answer = self._sender.send_message_batch(QueueUrl=self._url, Entries=entries)
        if answer.get("Failed"):
            raise Unavailable(f"The job queue refused {len(answer['Failed'])} of {len(entries)} messages.")

    def receive(self, *, most: int, wait_seconds: float, visible_after_seconds: int) -> list[Delivery]:
        with _translated():
            answer = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=min(most, MAX_BATCH),
                WaitTimeSeconds=min(round(wait_seconds), MAX_WAIT_S),
                VisibilityTimeout=visible_after_seconds,
                AttributeNames=["ApproximateReceiveCount"],
                MessageAttributeNames=["All"],
            )
        return [_delivery(raw) for raw in answer.get("Messages", [])]

    def delete(self, delivery: Delivery, *, record: JobRecord | None = None) -> None:
        _log(record)
        with _translated(), _unless_lost():
            self._client.delete_message(QueueUrl=self._url, ReceiptHandle=delivery.receipt)

    def release(
        self, delivery: Delivery, *, delay_seconds: int, counts: Counts, record: JobRecord | None = None
    ) -> None:
        _log(record)
        if counts is Counts.ATTEMPT:
            self.extend(delivery, visible_after_seconds=delay_seconds)
            return
        with _translated():
            self._sender.send_message(
                QueueUrl=self._url,
                MessageBody=delivery.body,
                DelaySeconds=delay_seconds,
                MessageAttributes=_attributes(
                    earlier=delivery.attempt - 1,
                    deferred=delivery.deferred + int(counts is Counts.DEFERRAL),
                ),
            )
        self.delete(delivery)

    def extend(self, delivery: Delivery, *, visible_after_seconds: int) -> None:
        with _translated(), _unless_lost():
            self._client.change_message_visibility(
                QueueUrl=self._url,
                ReceiptHandle=delivery.receipt,
                VisibilityTimeout=visible_after_seconds,
            )

    def bury(self, delivery: Delivery, *, reason: str, record: JobRecord | None = None) -> None:
        action = delivery.message.action if delivery.message else ""
        with _translated():
            self._sender.send_message(
                QueueUrl=self._dead_url,
                MessageBody=delivery.body,
                MessageAttributes=_attributes(
                    action=action,
                    attempts=delivery.attempt,
                    reason=reason,
                    died_on=datetime.now(UTC).isoformat(),
                ),
            )
        self.delete(delivery, record=record)

    def dead_letters(self, *, most: int) -> list[DeadLetter]:
        """A queue cannot be read without taking: letters are hidden for a second while somebody lists them."""
        found: dict[str, DeadLetter] = {}
        while len(found) < most:
            batch = self._some_dead(min(most - len(found), MAX_BATCH))
            if not batch.keys() - found.keys():
                break
            found |= batch
        return sorted(found.values(), key=lambda letter: letter.died_on, reverse=True)

    def _some_dead(self, most: int) -> dict[str, DeadLetter]:
        with _translated():
            answer = self._client.receive_message(
                QueueUrl=self._dead_url,
                MaxNumberOfMessages=most,
                WaitTimeSeconds=0,
                VisibilityTimeout=LISTING_HIDES_S,
                AttributeNames=["SentTimestamp"],
                MessageAttributeNames=["All"],
            )
        return {raw["MessageId"]: _dead_letter(raw) for raw in answer.get("Messages", [])}

    def depth(self) -> Depth:
        with _translated():
            here = self._counts(self._url)
            dead = self._counts(self._dead_url)
        in_hand = here["ApproximateNumberOfMessagesNotVisible"]
        return Depth(sum(here[name] for name in COUNTERS), in_hand, sum(dead.values()), None)

    def _counts(self, url: str) -> dict[str, int]:
        names = [*COUNTERS, "ApproximateNumberOfMessagesNotVisible"]
        answer = self._client.get_queue_attributes(QueueUrl=url, AttributeNames=names)
        return {name: int(answer["Attributes"].get(name, 0)) for name in names}

    def interrupt(self) -> None:
        """A long poll ends by its wait."""

    @cached_property
    def _client(self) -> Any:
        return self._connect(READ_TIMEOUT_S)

    @cached_property
    def _sender(self) -> Any:
        return self._connect(SEND_TIMEOUT_S)

    def _connect(self, read_timeout_s: int) -> Any:
        config = Config(
            connect_timeout=1,
            read_timeout=read_timeout_s,
            retries={"total_max_attempts": 2, "mode": "standard"},
        )
        return boto3.session.Session().client(
            "sqs", region_name=self._region, endpoint_url=self._endpoint, config=config
        )

    @cached_property
    def _url(self) -> str:
        return self._url_of(self._name)

    @cached_property
    def _dead_url(self) -> str:
        return self._url_of(f"{self._name}-dead")

    def _url_of(self, name: str) -> str:
        """Made on first use where it is missing; on AWS whoever runs us may have made it, with less rights for us."""
        try:
            return str(self._sender.get_queue_url(QueueName=name)["QueueUrl"])
        except ClientError as error:
            if "NonExistentQueue" not in _code(error) and "QueueDoesNotExist" not in _code(error):
                raise
        attributes = {"MessageRetentionPeriod": str(RETENTION_S)}
        return str(self._sender.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _attributes(**values: str | int) -> Raw:
    """An attribute cannot be empty, and not every character is allowed in one."""
    return {
        name: {"DataType": "String", "StringValue": _plain(str(value))}
        for name, value in values.items()
        if value != ""
    }


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() or letter in "\n\t" else "\ufffd" for letter in text)


def _attribute(raw: Raw, name: str, default: str) -> str:
    return str(raw.get("MessageAttributes", {}).get(name, {}).get("StringValue", default))


def _count(raw: Raw, name: str) -> int:
    text = _attribute(raw, name, "0")
    return int(text) if text.isdecimal() else 0


def _delivery(raw: Raw) -> Delivery:
    return Delivery(
        message=decode(raw["Body"]),
        body=raw["Body"],
        attempt=_count(raw, "earlier") + int(raw["Attributes"]["ApproximateReceiveCount"]),
        receipt=raw["ReceiptHandle"],
        deferred=_count(raw, "deferred"),
    )


def _dead_letter(raw: Raw) -> DeadLetter:
    return DeadLetter(
        body=raw["Body"],
        action=_attribute(raw, "action", ""),
        attempts=_count(raw, "attempts"),
        reason=_attribute(raw, "reason", ""),
        died_on=_died_on(raw),
    )


def _died_on(raw: Raw) -> datetime:
    """Somebody else may have put a message there; then we know no better than when it came."""
    try:
        return datetime.fromisoformat(_attribute(raw, "died_on", ""))
    except ValueError:
        return datetime.fromtimestamp(int(raw["Attributes"]["SentTimestamp"]) / 1000, UTC)


def _log(record: JobRecord | None) -> None:
    if record is not None:
        joblog.write(record)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise Unavailable("The job queue does not answer.") from error


@contextmanager
def _unless_lost() -> Iterator[None]:
    """The message is in other hands or gone: then there is nothing to acknowledge."""
    try:
        yield
    except ClientError as error:
        if not _code(error).endswith(LOST):
            raise
