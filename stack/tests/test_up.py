"""Complete starts with stubs of the product's programs; everything else is real."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from stack import lock, ports, processes
from stack.home import ROOT, Home
from stack.processes import Record
from stack.servers import elasticmq
from stack.settings import environment_file, read_environment
from stack.up import down

pytestmark = pytest.mark.integration

START_SECONDS = 30.0
STOP_SECONDS = 30.0
POLL_SECONDS = 0.1
# A killed test run should leave no stack behind.
DIE_WITH_PARENT = ("setpriv", "--pdeathsig", "TERM") if shutil.which("setpriv") else ()


class Start:
    """One `up` in a process of its own; its terminal is a file."""

    def __init__(self, home: Home, **environment: str) -> None:
        self.home = home
        self._output = home.var.parent / "terminal"
        with self._output.open("wb") as terminal:
            self.process = subprocess.Popen(
                [*DIE_WITH_PARENT, sys.executable, "-m", "stack.tests.stub_stack", str(home.var)],
                cwd=ROOT,
                env={**os.environ, **environment},
                stdout=terminal,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def output(self) -> str:
        return self._output.read_text()

    def wait_for(self, pattern: str) -> re.Match[str]:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if found := re.search(pattern, self.output()):
                return found
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(POLL_SECONDS)
                break
        found = re.search(pattern, self.output())
        assert found, f"{pattern!r} did not come:\n{self.output()}"
        return found

    def address(self) -> str:
        return self.wait_for(r"Fieldline runs at (http://\S+)")[1]

    def number(self) -> int:
        """How many starts the database has seen."""
        return int(self.wait_for(r"start number (\d+)")[1])

    def wait_until(self, happened: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not happened():
            assert time.monotonic() < deadline, f"{what}: not in time:\n{self.output()}"
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(POLL_SECONDS)
                break
        assert happened(), f"{what}: the start ended before:\n{self.output()}"

    def record_of(self, name: str) -> Record | None:
        return next((each for each in self.records() if each.name == name), None)

    def records(self) -> list[Record]:
        return processes.read_records(self.home.run / "processes.json")


@pytest.fixture
def home(open_folder: Path) -> Iterator[Home]:
    made = Home(root=ROOT, var=open_folder / "a folder" / "var")
    made.make_folders()
    # The usual ports are those that a developer's own stack, and other test runs, look at first.
    ports.remember_ports(made.var / "ports.json", ports.fresh_ports())
    yield made
    down(made)


@pytest.fixture
def starts() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def begin(starts: ExitStack, home: Home, **environment: str) -> Start:
    start = Start(home, **environment)
    starts.callback(start.process.wait)
    starts.callback(start.process.kill)
    return start


def answers(home: Home, name: str) -> bool:
    """Whether a part listens; true for the worker, which has no port."""
    port = json.loads((home.var / "ports.json").read_text()).get(name)
    if port is None:
        return True
    try:
        socket.create_connection((ports.HOST, port), timeout=1).close()
    except OSError:
        return False
    return True


def test_a_start_ends_with_an_address_that_answers(home: Home, starts: ExitStack) -> None:
    start = begin(starts, home)

    with urllib.request.urlopen(start.address()) as answer:
        status = answer.status

    assert status == 200


def test_ctrl_c_stops_the_programs_before_the_databases(home: Home, starts: ExitStack) -> None:
    start = begin(starts, home)
    start.address()
    records = start.records()

    start.process.send_signal(signal.SIGINT)
    code = start.process.wait(STOP_SECONDS)

    stops = re.findall(r"^(\w+) stopped \(rc=(-?\d+)\)", home.log_of("system").read_text(), re.MULTILINE)
    assert code == 0
    assert {name for name, _ in stops[:2]} == {"web", "worker"}
    assert set(stops[2:]) == {("postgres", "0"), ("redis", "0"), ("nats", "0")}
    assert [each for each in records if processes.is_alive(each)] == []


def test_a_queue_on_sqs_is_started_and_stopped_with_the_rest(home: Home, starts: ExitStack) -> None:
    if elasticmq.JARS_VARIABLE not in os.environ:
        pytest.skip("ElasticMQ needs Java and Maven, and ./inv test to fetch it.")
    (home.var / "java").mkdir()
    (home.var / "java" / "elasticmq").symlink_to(os.environ[elasticmq.JARS_VARIABLE])
    start = begin(starts, home, STUB_QUEUE="sqs")
    start.address()
    environment = read_environment(environment_file(home))
    answering = socket.create_connection(
        ("127.0.0.1", int(environment["SQS_URL"].rpartition(":")[2])), timeout=5
    )
    answering.close()

    start.process.send_signal(signal.SIGINT)
    code = start.process.wait(STOP_SECONDS)

    assert (code, environment["QUEUE_BACKEND"]) == (0, "sqs")
    assert "elasticmq stopped" in home.log_of("system").read_text()


def test_a_program_that_does_not_listen_cannot_hold_up_the_stop(home: Home, starts: ExitStack) -> None:
    start = begin(starts, home, STUB_WORKER_IS_DEAF="1")
    start.wait_for("worker begins")
    start.address()

    start.process.send_signal(signal.SIGINT)
    code = start.process.wait(STOP_SECONDS)

    assert code == 0
    assert "worker stopped (rc=-9)" in home.log_of("system").read_text()
    assert "postgres stopped (rc=0)" in home.log_of("system").read_text()


def test_ctrl_c_during_the_setup_stops_it_in_time(home: Home, starts: ExitStack) -> None:
    start = begin(starts, home, STUB_PREPARE_SECONDS="60")
    start.wait_for("start number 1")

    start.process.send_signal(signal.SIGINT)
    code = start.process.wait(STOP_SECONDS)

    assert code == 0
    assert "Failed" not in start.output()


def test_a_second_start_says_where_the_first_one_is(home: Home, starts: ExitStack) -> None:
    address = begin(starts, home).address()

    second = begin(starts, Home(root=home.root, var=home.var))
    code = second.process.wait(STOP_SECONDS)

    assert code == 1
    assert f"already running at {address}" in second.output()


def test_down_stops_a_running_stack(
    home: Home, starts: ExitStack, capsys: pytest.CaptureFixture[str]
) -> None:
    start = begin(starts, home)
    start.address()

    down(home)

    assert start.process.wait(STOP_SECONDS) == 0
    assert capsys.readouterr().out == "Stopped.\n"
    assert lock.current_holder(home) is None


def test_after_the_supervisor_was_killed_the_next_start_clears_up_and_has_all_data(
    home: Home, starts: ExitStack
) -> None:
    first = begin(starts, home)
    first.address()
    left = first.records()
    first.process.kill()
    first.process.wait()

    second = begin(starts, home)
    second.address()

    assert second.number() == 2
    assert [each for each in left if processes.is_alive(each)] == []


def test_after_everything_was_killed_the_next_start_has_all_data(home: Home, starts: ExitStack) -> None:
    first = begin(starts, home)
    first.address()
    everything = first.records()
    first.process.kill()
    processes.kill(everything)
    first.process.wait()

    second = begin(starts, home)
    second.address()

    assert second.number() == 2


def test_servers_are_found_again_without_any_record_of_them(home: Home, starts: ExitStack) -> None:
    first = begin(starts, home)
    first.address()
    first.process.kill()
    first.process.wait()
    everything = first.records()
    processes.kill([each for each in everything if each.name not in {"postgres", "redis", "nats"}])
    (home.run / "processes.json").unlink()

    second = begin(starts, home)
    second.address()

    assert second.number() == 2
    assert [each for each in everything if processes.is_alive(each)] == []


def test_a_failing_setup_is_shown_with_step_cause_and_log(home: Home, starts: ExitStack) -> None:
    start = begin(starts, home, STUB_PREPARE_FAILS="1")

    code = start.process.wait(START_SECONDS)

    assert code == 1
    assert re.search(
        r"Failed: Setting up the databases\n  prepare ended with exit code 1\n  the stub was told to fail\n  Log: .*prepare\.log",
        start.output(),
    )


def test_a_program_that_dies_is_named_with_its_last_words_and_log(home: Home, starts: ExitStack) -> None:
    start = begin(starts, home, STUB_WORKER_DIES="1")

    code = start.process.wait(START_SECONDS)

    assert code == 1
    assert re.search(
        r"worker ended with exit code 1.*\n(.*\n)*  the stub was told to die\n  Log: .*worker\.log",
        start.output(),
    )


@pytest.mark.parametrize("name", ["postgres", "redis", "nats", "web", "worker"])
def test_a_part_that_is_killed_is_started_again(home: Home, starts: ExitStack, name: str) -> None:
    start = begin(starts, home)
    start.address()
    first = start.record_of(name)
    assert first is not None

    processes.send_signal(first, signal.SIGKILL)

    start.wait_until(lambda: start.record_of(name) not in {None, first}, f"{name} is restarted")
    start.wait_until(lambda: answers(home, name), f"{name} answers again")
    assert f"{name} ended with signal SIGKILL; restarting" in start.output()
    assert start.process.poll() is None


def test_a_part_that_dies_five_times_in_a_minute_is_given_up_with_its_last_words(
    home: Home, starts: ExitStack
) -> None:
    start = begin(starts, home)
    start.address()
    worker = start.record_of("worker")
    assert worker is not None
    (home.var / "objects" / "worker-dies").touch()

    processes.send_signal(worker, signal.SIGKILL)
    code = start.process.wait(START_SECONDS)

    assert code == 1
    assert start.output().count("; restarting") == 4
    assert re.search(
        r"worker ended with exit code 1, so everything was stopped\.\n(.*\n)*  the stub was told to die\n  Log: .*worker\.log",
        start.output(),
    )


def test_the_first_sign_in_is_shown_last_and_once(home: Home, starts: ExitStack) -> None:
    first = begin(starts, home, STUB_SIGN_IN="1")
    shown = first.wait_for(r"Fieldline runs at \S+\n(.*)\n")[1]
    down(home)

    second = begin(starts, home)
    second.address()
    down(home)

    assert shown == "the first sign-in"
    assert "the first sign-in" not in second.output()


def test_a_sign_in_that_an_earlier_start_did_not_come_to_show_is_shown(home: Home, starts: ExitStack) -> None:
    begin(starts, home, STUB_SIGN_IN="1", STUB_PREPARE_FAILS="1").process.wait(START_SECONDS)

    second = begin(starts, home)

    assert second.wait_for(r"Fieldline runs at \S+\n(.*)\n")[1] == "the first sign-in"


def test_three_installations_that_start_at_the_same_moment_all_come_up(
    open_folder: Path, starts: ExitStack
) -> None:
    homes = [Home(root=ROOT, var=open_folder / name / "var") for name in ("one", "two", "three")]
    preferred = ports.fresh_ports()
    for each in homes:
        each.make_folders()
        ports.remember_ports(each.var / "ports.json", preferred)
        starts.callback(down, each)

    addresses = [start.address() for start in [begin(starts, each) for each in homes]]

    assert len(set(addresses)) == 3
    for address in addresses:
        with urllib.request.urlopen(address) as answer:
            assert answer.status == 200


def test_ports_stay_the_same_from_start_to_start(home: Home, starts: ExitStack) -> None:
    begin(starts, home).address()
    first = json.loads((home.var / "ports.json").read_text())
    down(home)

    begin(starts, home).address()
    second = json.loads((home.var / "ports.json").read_text())

    assert first == second
