"""What a worker counts, and the port that its processes share."""

import threading
import urllib.request

import pytest

from server.core.metrics import exposition
from server.core.queue import message_of
from server.core.queue.backends.memory import MemoryQueue
from server.core.queue.tests.fixtures import free_port
from worker.action import Discard
from worker.assembly import build_bare_loop
from worker.middleware.metrics import ServeMetrics
from worker.tests.jobs import Call, Note, action_raising, actions

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def figures() -> dict[str, float]:
    lines = exposition().decode().splitlines()
    pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs}


def grown(before: dict[str, float], name: str) -> float:
    return figures().get(name, 0.0) - before.get(name, 0.0)


def test_runs_are_counted_by_action_and_outcome(queue: MemoryQueue) -> None:
    before = figures()
    queue.send([message_of(Note("1")), message_of(Note("2")), message_of(Call())])

    build_bare_loop(queue, actions=actions(action_raising(Discard("no use")))).drain()

    assert grown(before, 'fieldline_jobs_total{action="note",outcome="done"}') == 2
    assert grown(before, 'fieldline_jobs_total{action="call",outcome="dead"}') == 1
    assert grown(before, 'fieldline_job_seconds_count{action="note"}') == 2


def test_names_that_strangers_put_on_the_queue_make_no_series(queue: MemoryQueue) -> None:
    before = figures()
    queue.send_body("poison")
    for number in range(5):
        queue.send_body(f'{{"id": "1", "action": "made-up-{number}", "arguments": {{}}}}')

    build_bare_loop(queue, actions=actions()).drain()

    assert grown(before, 'fieldline_jobs_total{action="unknown",outcome="dead"}') == 6
    assert not [name for name in figures() if "made-up" in name]


def test_when_the_process_with_the_port_ends_another_takes_it() -> None:
    port = free_port()
    first, second = (ServeMetrics("127.0.0.1", port, try_every_seconds=0.02) for _ in range(2))
    first.starting()
    second.starting()
    assert answers(port)

    first.stopping()

    for _ in range(500):
        if answers(port):
            break
        threading.Event().wait(0.01)
    else:
        raise AssertionError("Nobody took the port within five seconds.")
    second.stopping()
    assert not answers(port)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            return b"fieldline_jobs_total" in answer.read()
    except OSError:
        return False
