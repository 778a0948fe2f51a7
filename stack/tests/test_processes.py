import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from stack import processes
from stack.processes import Record

PATIENCE_S = 30.0
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); signal.pause()"


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    with running("sleep", "60") as process:
        yield process


@contextmanager
def running(*command: str, folder: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Until the end of the block. A program that was just started has for a moment no command line
    yet."""
    with subprocess.Popen(command, cwd=folder) as process:
        end_s = time.monotonic() + PATIENCE_S
        try:
            while not Path(f"/proc/{process.pid}/cmdline").read_bytes():
                assert time.monotonic() < end_s, "The program does not begin."
                threading.Event().wait(0.001)
            yield process
        finally:
            process.kill()


def recorded(process: subprocess.Popen[bytes]) -> Record:
    record = processes.record_of("child", process.pid)
    assert record is not None
    return record


def test_a_running_process_is_alive_by_its_record(child: subprocess.Popen[bytes]) -> None:
    assert processes.is_alive(recorded(child))


def test_a_process_that_ended_is_not_alive_even_before_its_parent_looked(
    child: subprocess.Popen[bytes],
) -> None:
    record = recorded(child)

    child.kill()

    assert processes.wait_until_gone([record], seconds=5.0) == []


def test_another_process_with_the_same_id_is_not_ours(child: subprocess.Popen[bytes]) -> None:
    record = replace(recorded(child), started="an earlier boot:1")

    processes.send_signal(record, signal.SIGKILL)

    assert not processes.is_alive(record)
    assert child.poll() is None


def test_there_is_no_record_of_a_process_that_is_not_there(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    child.wait()

    assert processes.record_of("child", child.pid) is None


def test_a_process_name_with_blanks_and_brackets_is_understood(tmp_path: Path) -> None:
    program = tmp_path / "a) b (c"
    program.symlink_to("/bin/sleep")

    with running(str(program), "60") as process:
        alive = processes.is_alive(recorded(process))

    assert alive


def test_stopping_kills_a_process_that_ignores_the_signal() -> None:
    with subprocess.Popen([sys.executable, "-c", DEAF], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()

        processes.stop([recorded(process)], signal.SIGTERM, seconds=0.2)

        assert process.wait() == -signal.SIGKILL


def test_records_come_back_from_the_file(tmp_path: Path, child: subprocess.Popen[bytes]) -> None:
    record = recorded(child)

    processes.write_records(tmp_path / "processes.json", [record])

    assert processes.read_records(tmp_path / "processes.json") == [record]


@pytest.mark.parametrize(
    "text", ["", "{}", '[{"name": "web"}]', '[{"name": "web", "pid": "x", "started": ""}]', "[1]"]
)
def test_a_damaged_records_file_holds_nothing(tmp_path: Path, text: str) -> None:
    file = tmp_path / "processes.json"
    file.write_text(text)

    assert processes.read_records(file) == []


def test_a_server_is_found_by_its_program_and_working_folder(tmp_path: Path) -> None:
    with running("sleep", "60", folder=tmp_path) as process:
        program = Path(f"/proc/{process.pid}/exe").readlink().name

        found = processes.servers_in(tmp_path, program)

    assert [each.pid for each in found] == [process.pid]


def test_a_server_is_found_by_the_folder_in_its_command_line(tmp_path: Path) -> None:
    configuration = tmp_path / "server.conf"
    configuration.touch()

    with running("tail", "-f", str(configuration)) as process:
        found = processes.servers_in(tmp_path, "tail")

    assert [each.pid for each in found] == [process.pid]


def test_another_program_in_the_folder_is_let_be(tmp_path: Path) -> None:
    with running("sleep", "60", folder=tmp_path):
        found = processes.servers_in(tmp_path, "postgres")

    assert found == []


def test_we_are_alive_ourselves() -> None:
    assert processes.started_at(os.getpid()) is not None
