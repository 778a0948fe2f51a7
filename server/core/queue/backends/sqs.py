"""The queue on SQS, or on any server with its API: standard queues `<name>`, `<name>-long` for the
lane of long jobs, and `<name>-dead`. A standard queue keeps no order, so the worker runs jobs of
one key one at a time (`worker/middleware/key_order.py`)."""

import itertools
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from server.core.errors import Unavailable
from server.core.lanes import Lane
from server.core.queue.backends.sqs_dead_letters import open_dead_letters
from server.core.queue.backends.sqs_wire import (
    Outgoing,
    Raw,
    Receipt,
    attributes,
    batches,
    dead_letter_of,
    delivery_of,
    died_on,
    truncated_attributes,
)
from server.core.queue.contract import (
    MAX_BATCH,
    Counts,
    DeadLetter,
    Delivery,
    Depth,
    JobRecord,
    Message,
)
from server.core.queue.log import current_log
from server.core.queue.wire import decode, encode

MAX_WAIT_S: Final = 20
RETENTION_S: Final = 14 * 86400
READ_TIMEOUT_S: Final = MAX_WAIT_S + 5
SEND_TIMEOUT_S: Final = 3  # an upload waits for this; the sweeper sends what failed
RETRY_AFTER_S: Final = 5  # after a failed send
COUNTERS: Final = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed")
LOST_RECEIPT_CODES: Final = ("MessageNotInflight", "ReceiptHandleIsInvalid", "InvalidParameterValue")


_client_lock: Final = threading.Lock()


class SqsQueue:
    transactional = False
    ordered = False

    def __init__(
        self, *, name: str, region: str, endpoint: str = "", lanes: Sequence[Lane] = tuple(Lane)
    ) -> None:
        """`endpoint` is "" on AWS. boto3 finds the credentials. `lanes`: from which it receives;
        only for the first one it waits."""
        self._name = name
        self._lanes = lanes
        self._region = region
        self._endpoint = endpoint or None
        self.gives_turns = self._endpoint is None
        self._retry_at_s = 0.0
        self._urls: dict[str, str] = {}

    def send(self, messages: Sequence[Message], *, delay_seconds: int = 0) -> None:
        """Raises Unavailable at once for a few seconds after a failure: a request is waiting, and
        the outbox keeps the message."""
        if time.monotonic() < self._retry_at_s:
            raise Unavailable("The job queue did not answer a moment ago.")
        try:
            with self._translate_errors():
                for lane in Lane:
                    outgoing = [_outgoing(encode(each), each) for each in messages if each.lane is lane]
                    for batch in batches(outgoing):
                        self._send_batch(lane, batch, delay_seconds)
        except Unavailable:
            self._retry_at_s = time.monotonic() + RETRY_AFTER_S
            raise

    def _send_batch(self, lane: Lane, batch: Sequence[Outgoing], delay_seconds: int) -> None:
        entries = [
            {
                "Id": str(place),
                "MessageBody": message.body,
                "DelaySeconds": delay_seconds,
                **self._group(message.org),
            }
            for place, message in enumerate(batch)
        ]
        answer = self.sending_client.send_message_batch(QueueUrl=self._lane_url(lane), Entries=entries)
        if answer.get("Failed"):
            raise Unavailable(f"The job queue refused {len(answer['Failed'])} of {len(entries)} messages.")

    def receive(self, *, most: int, wait_seconds: float, visible_after_seconds: int) -> list[Delivery]:
        first, *others = self._lanes
        for lane, wait in [*((other, 0.0) for other in others), (first, wait_seconds)]:
            with self._translate_errors():
                url = self._lane_url(lane)
                answer = self._client.receive_message(
                    QueueUrl=url,
                    MaxNumberOfMessages=min(most, MAX_BATCH),
                    WaitTimeSeconds=min(round(wait), MAX_WAIT_S),
                    VisibilityTimeout=visible_after_seconds,
                    AttributeNames=["ApproximateReceiveCount"],
                    MessageAttributeNames=["All"],
                )
            if found := answer.get("Messages"):
                return [delivery_of(raw, url) for raw in found]
        return []

    def delete(self, delivery: Delivery, *, record: JobRecord | None = None) -> None:
        _log(record)
        with self._translate_errors(), _ignore_lost_receipt():
            receipt: Receipt = delivery.receipt
            self._client.delete_message(QueueUrl=receipt.url, ReceiptHandle=receipt.handle)

    def release(
        self, delivery: Delivery, *, delay_seconds: int, counts: Counts, record: JobRecord | None = None
    ) -> None:
        _log(record)
        if counts is Counts.ATTEMPT:
            self.extend(delivery, visible_after_seconds=delay_seconds)
            return
        # SQS counts every delivery and cannot undo one. So the message is sent again, with its
        # counts as attributes, and the old one deleted. A crash between the two duplicates it,
        # which is allowed.
        with self._translate_errors():
            self.sending_client.send_message(
                QueueUrl=delivery.receipt.url,
                MessageBody=delivery.body,
                DelaySeconds=delay_seconds,
                **self._group(delivery.message.org if delivery.message else ""),
                MessageAttributes=attributes(
                    earlier=delivery.attempt - 1,
                    deferred=delivery.deferred + int(counts is Counts.DEFERRAL),
                ),
            )
        self.delete(delivery)

    def extend(self, delivery: Delivery, *, visible_after_seconds: int) -> None:
        with self._translate_errors(), _ignore_lost_receipt():
            self._client.change_message_visibility(
                QueueUrl=delivery.receipt.url,
                ReceiptHandle=delivery.receipt.handle,
                VisibilityTimeout=visible_after_seconds,
            )

    def move_to_dead_letters(
        self, delivery: Delivery, *, reason: str, record: JobRecord | None = None
    ) -> None:
        action = delivery.message.action if delivery.message else ""
        with self._translate_errors():
            self.sending_client.send_message(
                QueueUrl=self._dead_url,
                MessageBody=delivery.body,
                MessageAttributes=truncated_attributes(
                    delivery.body,
                    action=action,
                    attempts=delivery.attempt,
                    died_on=datetime.now(UTC).isoformat(),
                    reason=reason,
                ),
            )
        self.delete(delivery, record=record)

    def dead_letters(self, *, most: int) -> list[DeadLetter]:
        with self._translate_errors(), open_dead_letters(self._client, self._dead_url) as dead_letters:
            found = [dead_letter_of(raw) for raw in itertools.islice(dead_letters, most)]
        return sorted(found, key=lambda dead_letter: dead_letter.died_on, reverse=True)

    def redrive(self, handles: Sequence[str]) -> int:
        """Sends first and deletes then: a crash between the two duplicates a message, which is
        allowed."""
        with self._translate_errors(), open_dead_letters(self._client, self._dead_url) as dead_letters:
            taken = sorted(_dead_letters_named(dead_letters, handles), key=died_on)
            messages = [(raw["Body"], decode(raw["Body"])) for raw in taken]
            for lane in Lane:
                again = [
                    _outgoing(body, message)
                    for body, message in messages
                    if lane is (message.lane if message else Lane.SHORT)
                ]
                for batch in batches(again):
                    self._send_batch(lane, batch, 0)
            dead_letters.delete(taken)
        return len(taken)

    def delete_dead(self, handles: Sequence[str]) -> int:
        with self._translate_errors(), open_dead_letters(self._client, self._dead_url) as dead_letters:
            taken = _dead_letters_named(dead_letters, handles)
            dead_letters.delete(taken)
        return len(taken)

    def depth(self) -> Depth:
        with self._translate_errors():
            lanes = [self._counts(self._lane_url(lane)) for lane in Lane]
            dead = self._counts(self._dead_url)
        in_flight = sum(lane["ApproximateNumberOfMessagesNotVisible"] for lane in lanes)
        waiting = sum(lane[name] for lane in lanes for name in COUNTERS)
        return Depth(waiting, in_flight, sum(dead.values()), None)

    def _counts(self, url: str) -> dict[str, int]:
        names = [*COUNTERS, "ApproximateNumberOfMessagesNotVisible"]
        answer = self._client.get_queue_attributes(QueueUrl=url, AttributeNames=names)
        return {name: int(answer["Attributes"].get(name, 0)) for name in names}

    def _group(self, org: str) -> dict[str, str]:
        """Returns the argument by which a standard queue on AWS gives each tenant its share, so
        that one with a long backlog does not delay the others. Other servers, such as ElasticMQ,
        refuse it."""
        return {"MessageGroupId": org} if org and self.gives_turns else {}

    def bring_forward(self) -> int:
        """Returns 0: SQS has its own clock."""
        return 0

    def interrupt(self) -> None:
        """Does nothing: a long poll cannot be interrupted."""

    @cached_property
    def _client(self) -> Any:
        return self._connect(READ_TIMEOUT_S)

    @cached_property
    def sending_client(self) -> Any:
        return self._connect(SEND_TIMEOUT_S)

    def _connect(self, read_timeout_s: int) -> Any:
        config = Config(
            connect_timeout=1,
            read_timeout=read_timeout_s,
            retries={"total_max_attempts": 2, "mode": "standard"},
        )
        with _client_lock:
            return _session().client(
                "sqs", region_name=self._region, endpoint_url=self._endpoint, config=config
            )

    def _lane_url(self, lane: Lane) -> str:
        return self._url_of(self._name if lane is Lane.SHORT else f"{self._name}-{lane.value}")

    @property
    def _dead_url(self) -> str:
        return self._url_of(f"{self._name}-dead")

    def _url_of(self, name: str) -> str:
        if name not in self._urls:
            self._urls[name] = self._find_or_create(name)
        return self._urls[name]

    def _find_or_create(self, name: str) -> str:
        """Creates a missing queue on first use. On AWS it may have been created for us, without the
        right to create one."""
        try:
            return str(self.sending_client.get_queue_url(QueueName=name)["QueueUrl"])
        except ClientError as error:
            if not _has_no_queue(error):
                raise
        keep = {"MessageRetentionPeriod": str(RETENTION_S)}
        return str(self.sending_client.create_queue(QueueName=name, Attributes=keep)["QueueUrl"])

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        """Translate SQS's errors to Unavailable. A queue that was deleted is created again by the
        next call."""
        try:
            yield
        except (BotoCoreError, ClientError) as error:
            if _has_no_queue(error):
                self._urls.clear()
            raise Unavailable("The job queue does not answer.") from error


@cache
def _session() -> boto3.session.Session:
    """Returns the session of the process: loading the API's description takes long. Clients are
    thread-safe, a session is not."""
    return boto3.session.Session()


def _outgoing(body: str, message: Message | None) -> Outgoing:
    return Outgoing(body, message.org if message else "")


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _has_no_queue(error: Exception) -> bool:
    return isinstance(error, ClientError) and _code(error).endswith(("NonExistentQueue", "QueueDoesNotExist"))


def _dead_letters_named(dead_letters: Iterable[Raw], handles: Sequence[str]) -> list[Raw]:
    """A dead letter's handle is its MessageId: a receipt expires within seconds."""
    missing, found = set(handles), []
    for raw in dead_letters if missing else ():
        if raw["MessageId"] in missing:
            missing.remove(raw["MessageId"])
            found.append(raw)
        if not missing:
            break
    return found


def _log(record: JobRecord | None) -> None:
    if record is not None:
        current_log().write(record)


@contextmanager
def _ignore_lost_receipt() -> Iterator[None]:
    """A message that another worker has, or that is gone, needs no acknowledgement."""
    try:
        yield
    except ClientError as error:
        if not _code(error).endswith(LOST_RECEIPT_CODES):
            raise
