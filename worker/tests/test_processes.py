"""Whole workers: real processes, real signals, a real database."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connections

from server.core.queue import JobPayload, message_of
from server.core.queue.backends.postgres import PostgresQueue
from server.core.queue.jobs import CleanJobLog, SweepOutbox
from server.core.queue.models import DeadJob, Job, JobLog
from worker.tests.program import Crash, Hold

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("queue_tables")]

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 30.0  # a busy machine is no failure
PROGRAM = [
    sys.executable,
    "-c",
    "import django; django.setup(); from worker.tests.program import main; main()",
]
THREE_AT_A_TIME = [*PROGRAM[:-1], PROGRAM[-1].replace("main()", "main(jobs=3)")]
MANAGE = [sys.executable, "-m", "server.manage", "sqs-loop-worker"]
Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a program in a group of its own, and ends what is left of it."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(*command: str, **environment: str) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | _environment() | environment, start_new_session=True
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_an_idle_worker_stops_at_once(start: Start, tmp_path: Path) -> None:
    worker = start(*PROGRAM)
    send(Hold(str(tmp_path), "first", seconds=0))
    until(lambda: (tmp_path / "done-first").exists())

    worker.terminate()

    assert worker.wait(PATIENCE_S) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_worker_finishes_the_job_in_flight(
    start: Start, tmp_path: Path, number: signal.Signals
) -> None:
    worker = start(*PROGRAM)
    send(Hold(str(tmp_path), "long", seconds=1), Hold(str(tmp_path), "next", seconds=0))
    until(lambda: (tmp_path / "begun-long").exists())

    os.killpg(worker.pid, number)

    assert worker.wait(PATIENCE_S) == 0
    assert (tmp_path / "done-long").exists()
    assert not (tmp_path / "begun-next").exists()
    assert Job.objects.count() == 1


def test_a_job_that_does_not_end_in_time_is_given_up_and_kept(start: Start, tmp_path: Path) -> None:
    worker = start(*PROGRAM)
    send(Hold(str(tmp_path), "endless", seconds=60))
    until(lambda: (tmp_path / "begun-endless").exists())

    worker.terminate()

    assert worker.wait(PATIENCE_S) == 0
    assert Job.objects.count() == 1


def test_a_killed_worker_is_replaced_and_its_job_comes_again(start: Start, tmp_path: Path) -> None:
    start(*PROGRAM)
    send(Hold(str(tmp_path), "job", seconds=1))
    until(lambda: pid_of_job(tmp_path, "job") > 0)

    os.kill(pid_of_job(tmp_path, "job"), signal.SIGKILL)

    until(lambda: (tmp_path / "done-job").exists())
    until(lambda: Job.objects.count() == 0)
    assert JobLog.objects.get().attempt == 2


def test_a_process_runs_several_jobs_at_once_and_finishes_them_on_a_signal(
    start: Start, tmp_path: Path
) -> None:
    worker = start(*THREE_AT_A_TIME)
    send(*[Hold(str(tmp_path), str(number), seconds=1) for number in range(3)])
    until(lambda: all((tmp_path / f"begun-{number}").exists() for number in range(3)))
    in_one_process = {pid_of_job(tmp_path, str(number)) for number in range(3)}
    send(Hold(str(tmp_path), "next", seconds=0))

    worker.terminate()

    assert worker.wait(PATIENCE_S) == 0
    assert len(in_one_process) == 1
    assert all((tmp_path / f"done-{number}").exists() for number in range(3))
    assert Job.objects.count() == 1


def test_a_job_beside_one_that_never_ends_is_finished_before_the_process_is_replaced(
    start: Start, tmp_path: Path
) -> None:
    start(*THREE_AT_A_TIME)
    send(Hold(str(tmp_path), "endless", seconds=60))
    until(lambda: pid_of_job(tmp_path, "endless") > 0)
    first = pid_of_job(tmp_path, "endless")
    until(lambda: (tmp_path / "begun-endless").stat().st_mtime < time.time() - 2)
    send(Hold(str(tmp_path), "beside", seconds=2))

    until(lambda: pid_of_job(tmp_path, "endless") not in (0, first))

    assert (tmp_path / "done-beside").exists()
    done = [row.attempt for row in JobLog.objects.filter(outcome="done")]
    assert done == [1]


def test_a_worker_ends_with_its_parent(start: Start, tmp_path: Path) -> None:
    worker = start(*PROGRAM)
    send(Hold(str(tmp_path), "job", seconds=0))
    until(lambda: (tmp_path / "done-job").exists())
    child = pid_of_job(tmp_path, "job")

    worker.kill()
    worker.wait(PATIENCE_S)

    until(lambda: not is_alive(child))


def test_a_job_that_ends_its_worker_goes_to_the_dead_letters(start: Start) -> None:
    start(*PROGRAM)

    send(Crash())

    until(lambda: DeadJob.objects.count() == 1)
    assert "started 2 times" in DeadJob.objects.get().reason


def test_a_long_job_runs_once(start: Start, tmp_path: Path) -> None:
    """Twice as long as its visibility time, with a second worker that waits for it."""
    start(*PROGRAM)
    start(*PROGRAM)

    send(Hold(str(tmp_path), "long", seconds=2))

    until(lambda: Job.objects.count() == 0)
    assert [row.attempt for row in JobLog.objects.all()] == [1]


@pytest.mark.parametrize("options", [["--once"], ["--once", "--processes", "0"], ["--idle-exit", "0.5"]])
def test_the_command_does_what_waits_and_ends(start: Start, options: list[str]) -> None:
    send(SweepOutbox(), CleanJobLog())

    worker = start(*MANAGE, *options)

    assert worker.wait(PATIENCE_S) == 0
    assert {row.action for row in JobLog.objects.filter(outcome="done")} >= {"sweep-outbox", "clean-job-log"}


def test_the_worker_is_a_program_too(start: Start) -> None:
    send(SweepOutbox())

    worker = start(sys.executable, "-m", "worker", "--once")

    assert worker.wait(PATIENCE_S) == 0
    assert JobLog.objects.filter(action="sweep-outbox").exists()


def test_a_worker_waits_for_an_unavailable_database(start: Start, tmp_path: Path) -> None:
    log = tmp_path / "log"
    into_log = ("sh", "-c", 'exec "$@" 2>"$0"', str(log))
    worker = start(*into_log, *MANAGE, DATABASE_DEFAULT_URL="postgres://nobody@127.0.0.1:1/none")

    until(lambda: log.exists() and log.read_text().count("worker rests") > 1)
    ended = worker.poll()

    worker.terminate()
    assert (ended, worker.wait(PATIENCE_S)) == (None, 0)


def send(*jobs: JobPayload) -> None:
    PostgresQueue().send([message_of(job) for job in jobs])


def until(condition: Callable[[], bool]) -> None:
    pause = threading.Event()
    end_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end_s, "It did not happen in time."
        pause.wait(0.02)


def pid_of_job(folder: Path, name: str) -> int:
    """0: it has not begun."""
    begun = folder / f"begun-{name}"
    return int(begun.read_text() or 0) if begun.exists() else 0


def is_alive(pid: int) -> bool:
    """Not dead, and not dead and unburied either."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def _environment() -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "server.config.settings.embedded",
        "DATABASE_DEFAULT_URL": _url("default"),
        "DATABASE_STREAMDATA_URL": _url("streamdata"),
        "QUEUE_BACKEND": "postgres",
    }


def _url(alias: str) -> str:
    of = connections[alias].settings_dict
    return f"postgres://{quote(of['USER'])}:{quote(of['PASSWORD'])}@{of['HOST']}:{of['PORT']}/{of['NAME']}"
