"""The kinds of fault. Each starts at a random point of the traffic, lasts a random time, and is
repaired."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from chaos.harness.fork_server import VISIBLE_AFTER_S
from chaos.harness.processes import kill_one, wait_until
from chaos.harness.queries import close_connections, query_core
from chaos.installation import Installation
from chaos.uplink import Traffic

LONGEST_WAIT_S: Final = 0.35
HOUR_S: Final = 3600
EFFECT_WITHIN_S: Final = 5.0
POLL_EVERY_S: Final = 0.02
DISK_FULL: Final = b"No space left on device"  # PostgreSQL's words for SQLSTATE 53100

# Delivers each message twice, the copy a little later, both at random positions in the queue.
_TWICE: Final = """
    CREATE OR REPLACE FUNCTION chaos_shuffle() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.id := (random() * 4e18)::bigint;
        NEW.available_on := NEW.available_on + random() * interval '0.3 s';
        RETURN NEW;
    END $$;
    CREATE OR REPLACE FUNCTION chaos_repeat() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO core_job (body, key, available_on) VALUES (NEW.body, NEW.key, NEW.available_on);
        RETURN NULL;
    END $$;
    CREATE TRIGGER chaos_shuffle BEFORE INSERT ON core_job FOR EACH ROW EXECUTE FUNCTION chaos_shuffle();
    CREATE TRIGGER chaos_repeat AFTER INSERT ON core_job FOR EACH ROW WHEN (pg_trigger_depth() = 0)
        EXECUTE FUNCTION chaos_repeat();
"""
_ONCE: Final = "DROP TRIGGER chaos_shuffle ON core_job; DROP TRIGGER chaos_repeat ON core_job;"

# Delivers a copy of each message at the same time and without its order key, so that both workers
# run the same job at once.
_IN_TWO_WORKERS: Final = """
    CREATE OR REPLACE FUNCTION chaos_copy() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO core_job (body, available_on) VALUES (NEW.body, NEW.available_on);
        RETURN NULL;
    END $$;
    CREATE TRIGGER chaos_copy AFTER INSERT ON core_job FOR EACH ROW WHEN (pg_trigger_depth() = 0)
        EXECUTE FUNCTION chaos_copy();
"""
_IN_ONE_WORKER: Final = "DROP TRIGGER chaos_copy ON core_job;"


@dataclass
class FaultContext:
    """One occurrence of a fault."""

    installation: Installation
    rng: Random
    traffic: Traffic
    mid_job: bool = False
    """Whether a job was running when the fault was injected."""
    met_uploads: int = 0
    """How many uploads were in progress at that moment."""
    had_effect: bool = True
    """False: the error that the fault is to cause was not seen, so the run proves nothing."""

    def strike(self) -> None:
        """Call it right before the fault: at a random moment, in the middle of uploads."""
        self.wait()
        wait_until(lambda: self.traffic.in_progress, what="a device uploads")
        self.met_uploads = self.traffic.in_progress

    def wait(self, longest_s: float = LONGEST_WAIT_S) -> None:
        time.sleep(self.rng.uniform(0, longest_s))

    def check_running_jobs(self) -> None:
        """Record whether a job is running, as close to the kill as a query can be."""
        self.mid_job = query_core("SELECT count(*) FROM core_job WHERE in_hand AND available_on > now()") != [
            (0,)
        ]


def kill_worker(context: FaultContext) -> None:
    """Kill one of the two; the parent starts another."""
    context.strike()
    context.installation.workers.kill_one(context.rng)
    context.check_running_jobs()


def kill_workers(context: FaultContext) -> None:
    """Kill the parent with its processes; the supervisor starts it again."""
    context.strike()
    context.check_running_jobs()
    context.installation.workers.kill_all()


def stall_worker(context: FaultContext) -> None:
    """Pause it until its job becomes visible again: then two workers run the same job."""
    context.strike()
    slow = context.installation.workers.pause_one(context.rng)
    context.check_running_jobs()
    time.sleep(VISIBLE_AFTER_S * 1.1)
    context.installation.workers.resume(slow)


def kill_web_process(context: FaultContext) -> None:
    """Kill one of the two web workers; the parent starts another."""
    context.strike()
    running = wait_until(context.installation.web.children, what="a web process runs")
    kill_one(context.rng.choice(running))


def kill_web(context: FaultContext) -> None:
    context.strike()
    context.installation.web.kill_all()


def kill_back_end(context: FaultContext) -> None:
    """Kill a back end; PostgreSQL then closes all connections and recovers."""
    context.strike()
    pids = [
        pid
        for (pid,) in query_core(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
    ]
    ours = sorted(set(pids) & set(context.installation.postgres.children()))
    context.check_running_jobs()
    close_connections()
    if ours:
        kill_one(context.rng.choice(ours))
    context.installation.database.wait_until_ready()


def kill_postgres(context: FaultContext) -> None:
    """Kill the server's main process, or all of its processes at once."""
    context.strike()
    context.check_running_jobs()
    close_connections()
    if context.rng.random() < 0.5:
        context.installation.postgres.kill()
    else:
        context.installation.postgres.kill_all()


def kill_redis(context: FaultContext) -> None:
    context.strike()
    context.installation.redis.kill()


def fail_object_store(context: FaultContext) -> None:
    """Every n-th call of each process fails."""
    context.strike()
    context.installation.store_failure_file.write_text(str(context.rng.randrange(2, 6)))
    context.wait()
    time.sleep(0.6)
    context.installation.store_failure_file.unlink()


def fill_disk(context: FaultContext) -> None:
    """Fill the disk of the readings to the last byte, until PostgreSQL has reported it. Without
    that the run does not count."""
    context.strike()
    log = context.installation.home.log_of("postgres")
    written = log.stat().st_size
    context.installation.disk.fill()
    context.had_effect = _is_logged(log, DISK_FULL, after=written)
    context.wait(0.8)
    context.installation.disk.empty()


def _is_logged(log: Path, text: bytes, *, after: int) -> bool:
    """Whether a program writes this into its log within EFFECT_WITHIN_S. `after`: the size of the
    log before the fault."""
    deadline = time.monotonic() + EFFECT_WITHIN_S
    while text not in log.read_bytes()[after:]:
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_EVERY_S)
    return True


def step_clock(context: FaultContext) -> None:
    """Shift the clock of all processes, databases included, by up to 1.5 seconds and back."""
    context.strike()
    context.installation.clock.set(context.rng.uniform(-1.5, 1.5))
    context.wait(0.6)
    context.installation.clock.set(0)


def leap_clock(context: FaultContext) -> None:
    """Set the clock forward by hours. `Runs.run` resets it once the queue is empty."""
    context.strike()
    context.installation.clock.set(context.rng.uniform(0.1, 12) * HOUR_S)


def no_injection(context: FaultContext) -> None:
    """For faults that are in the traffic itself or in `during`."""
    context.strike()


def concurrent_uploads(context: FaultContext) -> None:
    """Kill one of the two workers while ten uploads of one streamer arrive at once."""
    kill_worker(context)


@contextmanager
def repeated_messages(installation: Installation) -> Iterator[None]:
    """The queue repeats and shuffles every message."""
    query_core(_TWICE)
    try:
        yield
    finally:
        query_core(_ONCE)


@contextmanager
def copied_messages(installation: Installation) -> Iterator[None]:
    """Two workers run every job at once."""
    query_core(_IN_TWO_WORKERS)
    try:
        yield
    finally:
        query_core(_IN_ONE_WORKER)


@contextmanager
def undisturbed(installation: Installation) -> Iterator[None]:
    yield


@dataclass(frozen=True)
class FaultKind:
    """`share` is out of a hundred runs. `during` is entered before the traffic and left when all
    jobs are done."""

    name: str
    share: int
    inject: Callable[[FaultContext], None]
    during: Callable[[Installation], AbstractContextManager[None]] = undisturbed
    unavailable_because: Callable[[Installation], str] = lambda installation: ""
    """The reason why this machine cannot run it; empty when it can."""
    expected_answer: str = ""
    """An answer that some uploads must have received; otherwise the fault had no effect."""


def _without_small_disk(installation: Installation) -> str:
    return "" if installation.disk.is_mounted else "only root may mount the small disk that is to be filled"


def _without_clock(installation: Installation) -> str:
    return "" if installation.clock.can_step else "there is no C compiler for the clock that is to be set"


WRONG_SENDER_CLOCK: Final = "sender's clock steps"
CONCURRENT_UPLOADS: Final = "ten uploads at once"

FAULT_KINDS: Final = (
    FaultKind("worker killed", 16, kill_worker),
    FaultKind("worker killed with its parent", 4, kill_workers),
    FaultKind("worker stands still", 4, stall_worker),
    FaultKind("web process killed", 10, kill_web_process),
    FaultKind("web killed whole", 4, kill_web, expected_answer="ConnectionRefusedError"),
    FaultKind("PostgreSQL back end killed", 11, kill_back_end),
    FaultKind("PostgreSQL killed", 8, kill_postgres, expected_answer="503"),
    FaultKind("Redis killed", 10, kill_redis),
    FaultKind("messages twice, shuffled", 4, no_injection, repeated_messages),
    FaultKind("each job on two workers at once", 4, no_injection, copied_messages),
    FaultKind("object store fails", 7, fail_object_store, expected_answer="503"),
    FaultKind("disk full", 5, fill_disk, unavailable_because=_without_small_disk),
    FaultKind("server's clock steps", 3, step_clock, unavailable_because=_without_clock),
    FaultKind("server's clock leaps", 2, leap_clock, unavailable_because=_without_clock),
    FaultKind(WRONG_SENDER_CLOCK, 3, no_injection),
    FaultKind(CONCURRENT_UPLOADS, 5, concurrent_uploads),
)
