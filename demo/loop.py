"""Runs all devices in one thread: one request at a time, so that a long history does not flood the
server."""

import contextlib
import heapq
import socket
import time
from collections.abc import Sequence

from demo.stop import Stop, StopRequested
from demo.uplink import Uplink


def run(uplinks: Sequence[Uplink], stop: Stop) -> None:
    """Run until a stop is requested."""
    due = [(time.monotonic(), order, uplink) for order, uplink in enumerate(uplinks)]
    try:
        while due:
            at, order, uplink = heapq.heappop(due)
            _wait_until(at, stop)
            pause = uplink.step(int(time.time()), time.monotonic())
            if pause is not None:
                heapq.heappush(due, (time.monotonic() + pause, order, uplink))
    except StopRequested:
        return


def wait_for_server(address: tuple[str, int], stop: Stop, *, seconds: float) -> None:
    """Wait until the server listens, since the stack starts it together with the devices.

    Returns after `seconds` in any case: the devices then start and report what is wrong.
    """
    until = time.monotonic() + seconds
    try:
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(address, timeout=1):
                return
            _wait_until(time.monotonic() + 0.1, stop)
    except StopRequested:
        return


def _wait_until(at: float, stop: Stop) -> None:
    with stop.interruptible():
        time.sleep(max(0.0, at - time.monotonic()))
