"""`python -m demo` as a process: signals, state, and what stops it from starting."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from demo import flash
from demo.stop import Stop, StopRequested
from demo.streamers import REBOOT
from demo.tests.factories import make_entry
from demo.tests.server import StubServer, running_server
from server.lib import formats

ROOT = Path(__file__).parents[2]
DEADLINE_S = 30.0
SLUG = "d--0000-0000-0000-0d06"
BOARD_SLUG = "d--0000-0000-0000-0d0b"


def start(var: Path, port: int) -> subprocess.Popen[str]:
    environment = {**os.environ, "FIELDLINE_VAR": str(var), "WEB_PORT": str(port)}
    return subprocess.Popen(
        [sys.executable, "-m", "demo"], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    )


def write_roster(var: Path) -> None:
    (var / "demo").mkdir()
    entries = [make_entry(SLUG, "soil-temp"), make_entry(BOARD_SLUG, "board")]
    (var / "demo" / "devices.json").write_text(json.dumps({"devices": entries}))


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"not within {DEADLINE_S} s"
        time.sleep(0.02)


def run_until_it_caught_up(var: Path, server: StubServer) -> None:
    with start(var, server.port) as process:
        wait_until(lambda: len(server.stored_ids) > 12_000)
        process.send_signal(signal.SIGTERM)
        process.wait(DEADLINE_S)
        assert process.returncode == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_sigterm_ends_it_with_its_state_saved(tmp_path: Path) -> None:
    write_roster(tmp_path)

    with running_server() as server:
        run_until_it_caught_up(tmp_path, server)
        sent = max(report.header.report_id for report in server.reports)

    saved = flash.load(tmp_path / "demo" / f"{SLUG}.json")
    assert saved is not None
    assert saved.next_id > sent


def test_a_second_run_goes_on_where_the_first_one_ended(tmp_path: Path) -> None:
    write_roster(tmp_path)

    with running_server() as server:
        run_until_it_caught_up(tmp_path, server)
        before = len(server.reports)
        with start(tmp_path, server.port) as process:
            wait_until(lambda: len(server.reports) > before)
            process.send_signal(signal.SIGTERM)

    ids = [number for report in server.reports for number in user_ids(report)]
    assert len(ids) == len(set(ids))


def test_the_board_is_not_run_with_the_other_devices(tmp_path: Path) -> None:
    write_roster(tmp_path)

    with running_server() as server:
        run_until_it_caught_up(tmp_path, server)

    assert {report.header.device_id for report in server.reports} == {0xD06}
    assert not (tmp_path / "demo" / f"{BOARD_SLUG}.json").exists()


def user_ids(report: formats.Report) -> list[int]:
    """Reboots go two ways, so they come twice."""
    return [number for stream, number, _, _ in formats.rows_of(report.readings) if stream != REBOOT]


def test_without_a_roster_it_says_what_to_do(tmp_path: Path) -> None:
    with start(tmp_path, 1) as process:
        _, errors = process.communicate(timeout=DEADLINE_S)

    assert process.returncode == 1
    assert "demo-data" in errors


def test_a_signal_ends_the_waiting() -> None:
    stop = Stop()

    with pytest.raises(StopRequested), stop.interruptible():
        stop.request(signal.SIGTERM, None)

    assert stop.is_requested


def test_a_signal_waits_for_the_end_of_a_change() -> None:
    stop = Stop()

    stop.request(signal.SIGTERM, None)

    with pytest.raises(StopRequested), stop.interruptible():
        pytest.fail("nothing may be begun after the signal")
