"""The queue's figures, as Prometheus gets them."""

from pytest_django import Settings

from server.core.queue import Message, current_queue
from server.core.queue.tests.fixtures import free_port
from server.core.queue.watching.measuring import QueueFigures


def test_the_queue_is_asked_once_in_five_seconds() -> None:
    now_s = [0.0]
    figures = QueueFigures(clock=lambda: now_s[0])

    def waiting() -> float:
        families = {family.name: family for family in figures.collect()}
        [value] = [
            sample.value
            for sample in families["fieldline_queue_jobs"].samples
            if sample.labels["state"] == "waiting"
        ]
        return value

    first = waiting()
    current_queue().send([Message("1", "note", {})])
    second = waiting()
    now_s[0] = 5.0

    assert (first, second, waiting()) == (0, 0, 1)


def test_an_unavailable_queue_is_a_figure_too(settings: Settings, aws_keys: None) -> None:
    settings.QUEUE_BACKEND, settings.SQS_URL = "sqs", f"http://127.0.0.1:{free_port()}"

    [family] = QueueFigures().collect()

    assert (family.name, family.samples[0].value) == ("fieldline_queue_up", 0.0)
