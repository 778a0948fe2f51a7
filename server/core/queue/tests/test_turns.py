"""Each organisation gets its turn, and long jobs wait in a lane of their own."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from botocore.stub import Stubber

from server.core.lanes import Lane
from server.core.queue.backends.postgres import PostgresQueue
from server.core.queue.backends.sqs import SqsQueue
from server.core.queue.contract import Counts, Message, Queue
from server.core.queue.tests.fixtures import QueueSetup, ids, message, take, take_surely
from server.core.queue.wire import encode

LANES = [(Lane.SHORT,), (Lane.LONG,)]


def of(org: str, *, key: str = "", lane: Lane = Lane.SHORT) -> Message:
    return replace(message(key), org=org, lane=lane)


@pytest.fixture
def queue(ordered_queue_setup: QueueSetup) -> Queue:
    """Of each back end that knows turns."""
    return ordered_queue_setup.queue


def orgs_in_turn(queue: Queue, count: int) -> list[str]:
    deliveries = [take_surely(queue) for _ in range(count)]
    return [delivery.message.org for delivery in deliveries if delivery.message is not None]


def test_organisations_take_turns(queue: Queue) -> None:
    queue.send([of("a") for _ in range(20)])
    queue.send([of("b") for _ in range(2)])
    queue.send([of("c")])

    assert sorted(orgs_in_turn(queue, 3)) == ["a", "b", "c"]
    assert orgs_in_turn(queue, 4) == ["a", "b", "a", "a"]


def test_the_installations_own_jobs_take_turns_too(queue: Queue) -> None:
    queue.send([of("a") for _ in range(20)])
    queue.send([of("")])

    assert "" in orgs_in_turn(queue, 2)


def test_within_an_organisation_the_oldest_comes_first(queue: Queue) -> None:
    sent = [of("a") for _ in range(3)]
    queue.send(sent)

    assert ids([take_surely(queue) for _ in sent]) == [each.id for each in sent]


def test_turns_do_not_change_the_order_of_a_key(queue: Queue) -> None:
    first, second = of("b", key="k"), of("a", key="k")
    queue.send([first])
    queue.send([second])

    delivery = take_surely(queue)

    assert delivery.message == first
    assert take(queue) is None
    queue.delete(delivery)
    assert take_surely(queue).message == second


def test_a_redriven_letter_is_still_its_organisations(queue: Queue) -> None:
    queue.send([sent := of("b")])
    queue.move_to_dead_letters(take_surely(queue), reason="test")
    queue.send([of("a") for _ in range(3)])

    queue.redrive([letter.handle for letter in queue.dead_letters(most=9)])

    deliveries = [take_surely(queue) for _ in range(2)]
    assert sent.id in ids(deliveries)


@pytest.fixture(params=["postgres", "elasticmq"])
def lanes(request: pytest.FixtureRequest) -> Iterator[list[Queue]]:
    """A queue for each lane."""
    if request.param == "postgres":
        request.getfixturevalue("queue_tables")
        made = [PostgresQueue(lanes=lanes) for lanes in LANES]
        yield list[Queue](made)
        for queue in made:
            queue.close()
        return
    address = request.getfixturevalue("sqs_endpoint")
    name = f"lanes-{message().id}"
    yield [SqsQueue(name=name, region="us-east-1", endpoint=address, lanes=lanes) for lanes in LANES]


@pytest.mark.integration
def test_a_worker_receives_from_its_lane_only(lanes: list[Queue]) -> None:
    short, long = lanes
    short.send([of("a", lane=Lane.LONG)])
    short.send([sent := of("a")])

    assert take_surely(short).message == sent
    assert take(short) is None
    assert take_surely(long) is not None
    assert take(long) is None


@pytest.mark.integration
def test_a_job_that_is_released_or_redriven_stays_in_its_lane(lanes: list[Queue]) -> None:
    short, long = lanes
    short.send([sent := of("a", lane=Lane.LONG)])

    long.release(take_surely(long), delay_seconds=0, counts=Counts.DEFERRAL)
    long.move_to_dead_letters(take_surely(long), reason="test")
    short.redrive([letter.handle for letter in short.dead_letters(most=9)])

    assert take(short) is None
    assert take_surely(long).message == sent


@pytest.mark.parametrize(
    ("endpoint", "group"), [("", {"MessageGroupId": "a"}), ("http://127.0.0.1:9324", {})]
)
def test_aws_is_given_the_organisation_as_the_messages_group(
    aws_keys: None, endpoint: str, group: dict[str, str]
) -> None:
    """By it AWS gives each tenant of a standard queue its share. Other servers refuse it."""
    queue = SqsQueue(name="main", region="us-east-1", endpoint=endpoint)
    sent = of("a")
    entry = {"Id": "0", "MessageBody": encode(sent), "DelaySeconds": 0, **group}

    with Stubber(queue.sending_client) as aws:
        aws.add_response("get_queue_url", {"QueueUrl": "https://queue/"}, {"QueueName": "main"})
        aws.add_response(
            "send_message_batch",
            {"Successful": [], "Failed": []},
            {"QueueUrl": "https://queue/", "Entries": [entry]},
        )
        queue.send([sent])

        aws.assert_no_pending_responses()
