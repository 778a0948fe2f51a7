"""What only the queue on SQS does. The server is ElasticMQ."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from server.core.errors import Unavailable
from server.core.queue.backends.sqs import SqsQueue
from server.core.queue.backends.sqs_wire import MAX_REQUEST_BYTES
from server.core.queue.tests.fixtures import (
    Server,
    free_port,
    ids,
    message,
    running_elasticmq,
    take,
    take_surely,
)

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("aws_keys")]


def queue_at(address: str, name: str = "main") -> SqsQueue:
    return SqsQueue(name=name, region="us-east-1", endpoint=address)


@pytest.fixture(scope="module")
def forgetful(aws_keys: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that a test may kill. It forgets everything then."""
    with running_elasticmq(tmp_path_factory.mktemp("forgetful"), free_port(), durable=False) as server:
        yield server


def test_a_message_outlives_its_server(tmp_path: Path) -> None:
    with running_elasticmq(tmp_path / "elasticmq", free_port(), durable=True) as server:
        sent = [message(number=number) for number in range(3)]
        queue_at(server.address).send(sent)

        server.kill()
        server.start_again()

        after = queue_at(server.address)
        assert sorted(ids([take_surely(after) for _ in sent])) == sorted(each.id for each in sent)


def test_a_queue_that_was_forgotten_is_made_again(forgetful: Server) -> None:
    queue = queue_at(forgetful.address, "made-again")
    queue.send([message()])
    forgetful.kill()
    with pytest.raises(Unavailable):
        take(queue)
    forgetful.start_again()
    with pytest.raises(Unavailable):
        take(queue)

    assert take(queue) is None
    queue.send([sent := message()])
    assert take_surely(queue).message == sent


def test_an_unavailable_queue_is_not_tried_again_at_once(forgetful: Server) -> None:
    nobody = queue_at(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(Unavailable, match="does not answer"):
        nobody.send([message()])

    with pytest.raises(Unavailable, match="a moment ago"):
        nobody.send([message()])


def test_a_foreign_message_without_room_for_a_reason_becomes_a_dead_letter_too(sqs_endpoint: str) -> None:
    queue = queue_at(sqs_endpoint, "no-room")
    client = boto3.client("sqs", region_name="us-east-1", endpoint_url=sqs_endpoint)
    url = client.create_queue(QueueName="no-room")["QueueUrl"]
    client.send_message(QueueUrl=url, MessageBody="x" * MAX_REQUEST_BYTES)

    queue.move_to_dead_letters(take_surely(queue), reason="It is too long.")

    [dead_letter] = queue.dead_letters(most=10)
    assert (len(dead_letter.body), dead_letter.reason) == (MAX_REQUEST_BYTES, "")


def test_dead_letters_that_were_listed_are_visible_to_the_next_reader(sqs_endpoint: str) -> None:
    queue, other = queue_at(sqs_endpoint, "listed"), queue_at(sqs_endpoint, "listed")
    queue.send([sent := message()])
    queue.move_to_dead_letters(take_surely(queue), reason="test")

    looks = [
        [dead_letter.message_id for dead_letter in each.dead_letters(most=10)]
        for each in (queue, other, queue)
    ]

    assert looks == [[sent.id]] * 3
