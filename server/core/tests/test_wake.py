import os
import signal
import socket
import threading
from collections.abc import Iterator
from types import FrameType

import pytest

from server.core.wake import Wake


@pytest.fixture
def wake() -> Iterator[Wake]:
    made = Wake()
    yield made
    made.close()


def test_a_wait_without_a_wake_returns_false(wake: Wake) -> None:
    assert wake.wait(0.05) is False


def test_a_wait_lasts_until_a_wake_in_another_thread(wake: Wake) -> None:
    waker = threading.Timer(0.05, wake.set)
    waker.start()

    woken = wake.wait(20)

    waker.join()
    assert woken is True


def test_a_wake_before_the_wait_is_not_lost(wake: Wake) -> None:
    wake.set()

    assert wake.wait(20) is True


def test_many_wakes_are_one(wake: Wake) -> None:
    for _ in range(5000):
        wake.set()

    while wake.wait(0):
        continue
    assert wake.wait(0) is False


def test_a_signal_handler_ends_a_wait(wake: Wake) -> None:
    def handle(number: int, frame: FrameType | None) -> None:
        wake.set()

    before = signal.signal(signal.SIGUSR1, handle)
    os.kill(os.getpid(), signal.SIGUSR1)

    woken = wake.wait(20)

    signal.signal(signal.SIGUSR1, before)
    assert woken is True


def test_something_to_read_elsewhere_ends_a_wait(wake: Wake) -> None:
    here, there = socket.socketpair()
    there.send(b"news")

    woken = wake.wait(20, here.fileno())

    here.close()
    there.close()
    assert not woken
