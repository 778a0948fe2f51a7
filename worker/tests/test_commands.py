"""What an operator types: pause, resume, look, send back."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from server.core.queue import Delivery, current_queue
from server.core.queue.tests.fixtures import message, take
from server.core.queue.watching.pausing import paused

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("queue_tables")]


@pytest.fixture(autouse=True)
def on_postgres(settings: Settings) -> None:
    settings.QUEUE_BACKEND = "postgres"


def run_command(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def taken() -> Delivery:
    """Without waiting, which would leave a connection that listens."""
    delivery = take(current_queue())
    assert delivery is not None
    return delivery


def move_to_dead_letters(text: str, *, reason: str) -> None:
    current_queue().send([message(text=text)])
    current_queue().move_to_dead_letters(taken(), reason=reason)


def handles() -> list[str]:
    return re.findall(r"^(\d+)  ", run_command("queue-dead"), re.MULTILINE)


def test_a_pause_is_begun_and_ended() -> None:
    run_command("queue-pause", "--reason", "maintenance", "--by", "alice")
    during, shown = paused(), run_command("queue-depth")
    output = run_command("queue-resume")

    assert during is not None
    assert during.reason == "maintenance"
    assert "PAUSED by alice" in shown
    assert (paused(), output) == (None, "The workers take jobs again.\n")


def test_the_depth_is_shown() -> None:
    current_queue().send([message(), message()])
    taken()
    move_to_dead_letters("x", reason="no use")

    shown = re.sub(r", the oldest for \d+ s", "", run_command("queue-depth"))

    assert re.findall(r"\d+", shown) == ["1", "1", "1", "0"]


def test_dead_letters_are_listed_with_the_last_line_of_their_reason() -> None:
    move_to_dead_letters("x", reason="Traceback (most recent call last):\n  File …\nValueError: it broke\n")

    line = run_command("queue-dead")

    assert "test  attempts 1  ValueError: it broke" in line
    assert '"text":"x"' in run_command("queue-dead", "--full")


def test_an_empty_list_prints_a_line() -> None:
    assert run_command("queue-dead") == "No dead letters.\n"


def test_named_letters_are_sent_back() -> None:
    move_to_dead_letters("one", reason="x")
    move_to_dead_letters("two", reason="x")
    newest, _ = handles()

    output = run_command("queue-redrive", newest)

    delivery = taken()
    assert output == "Sent back 1 of 1.\n"
    assert delivery.message is not None
    assert delivery.message.arguments == {"text": "two"}
    assert take(current_queue()) is None


@pytest.mark.parametrize(
    ("words", "count"), [(["--all"], 2), (["--action", "test"], 2), (["--action", "other"], 0)]
)
def test_many_dead_letters_are_sent_back(words: list[str], count: int) -> None:
    move_to_dead_letters("one", reason="x")
    move_to_dead_letters("two", reason="x")

    run_command("queue-redrive", *words)

    assert current_queue().depth().waiting == count


def test_sending_back_nothing_in_particular_is_refused() -> None:
    with pytest.raises(CommandError, match="Name dead letters"):
        run_command("queue-redrive")


def test_named_dead_letters_are_deleted() -> None:
    move_to_dead_letters("one", reason="x")

    output = run_command("queue-dead", "--delete", *handles())

    assert (output, handles()) == ("Deleted 1.\n", [])


@pytest.mark.parametrize("words", [["--jobs", "0"], ["--visible-after", "901"], ["--visible-after", "0"]])
def test_a_worker_refuses_options_that_make_no_sense(words: list[str]) -> None:
    with pytest.raises(CommandError):
        run_command("sqs-loop-worker", *words)
