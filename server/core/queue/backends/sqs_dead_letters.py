"""Reading the dead letters on SQS. Its messages cannot be read without receiving them, so a reader
hides them from others while it reads, and makes those that stay visible again."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from server.core.queue.contract import MAX_BATCH

HIDDEN_S: Final = 30  # also when the reader dies meanwhile
LONGEST_LOOK_S: Final = 1  # a poll without waiting asks only some of SQS's servers, and may find nothing
Raw = dict[str, Any]


@contextmanager
def open_dead_letters(client: Any, url: str) -> Iterator["DeadLetterReader"]:
    """Read dead letters; those that were not deleted are visible again afterwards."""
    dead_letters = DeadLetterReader(client, url)
    try:
        yield dead_letters
    finally:
        dead_letters.put_back()


class DeadLetterReader:
    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._url = url
        self._taken: dict[str, Raw] = {}

    def __iter__(self) -> Iterator[Raw]:
        """Yields in no order. SQS's count is an estimate, used only to avoid a last poll that would
        wait for nothing."""
        expected, seen = self._count(), 0
        while fresh := [
            raw for raw in self._receive(wait=seen < expected) if raw["MessageId"] not in self._taken
        ]:
            seen += len(fresh)
            self._taken |= {raw["MessageId"]: raw for raw in fresh}
            yield from fresh

    def delete(self, dead_letters: Sequence[Raw]) -> None:
        for entries in _entries(dead_letters):
            self._client.delete_message_batch(QueueUrl=self._url, Entries=entries)
        for raw in dead_letters:
            self._taken.pop(raw["MessageId"], None)

    def put_back(self) -> None:
        for entries in _entries(list(self._taken.values())):
            again = [entry | {"VisibilityTimeout": 0} for entry in entries]
            self._client.change_message_visibility_batch(QueueUrl=self._url, Entries=again)

    def _receive(self, *, wait: bool) -> list[Raw]:
        answer = self._client.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=MAX_BATCH,
            WaitTimeSeconds=LONGEST_LOOK_S if wait else 0,
            VisibilityTimeout=HIDDEN_S,
            AttributeNames=["SentTimestamp"],
            MessageAttributeNames=["All"],
        )
        found: list[Raw] = answer.get("Messages", [])
        return found

    def _count(self) -> int:
        name = "ApproximateNumberOfMessages"
        answer = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=[name])
        return int(answer["Attributes"].get(name, 0))


def _entries(dead_letters: Sequence[Raw]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(dead_letters), MAX_BATCH):
        yield [
            {"Id": str(place), "ReceiptHandle": raw["ReceiptHandle"]}
            for place, raw in enumerate(dead_letters[start : start + MAX_BATCH])
        ]
