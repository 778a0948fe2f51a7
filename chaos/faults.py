"""The kinds of fault. Each is begun at a random point of the traffic, lasts a random while, and is made good again."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from random import Random
from typing import Final

from chaos.harness.fork_server import VISIBLE_AFTER_S
from chaos.harness.processes import is_gone, kill_one, until
from chaos.harness.questions import core, forget_connections
from chaos.installation import Installation

LONGEST_WAIT_S: Final = 0.35
HOUR_S: Final = 3600

# Each message comes twice, and in no order: the second one a little later, both at places in the line drawn by lot.
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


@dataclass
class Scene:
    """Where a fault happens. `mid_job`: a kill that hit while a job was in hand."""

    here: Installation
    chance: Random
    mid_job: bool = False

    def wait(self, longest_s: float = LONGEST_WAIT_S) -> None:
        time.sleep(self.chance.uniform(0, longest_s))

    def look_for_jobs(self) -> None:
        """In the moment of the kill, as nearly as can be asked."""
        self.mid_job = core("SELECT count(*) FROM core_job WHERE in_hand AND available_on > now()") != [(0,)]


def kill_worker(scene: Scene) -> None:
    scene.wait()
    scene.here.workers.kill_one(scene.chance)
    scene.look_for_jobs()
    scene.here.workers.fill_up()


def stall_worker(scene: Scene) -> None:
    """It stands still for longer than its job is its own; then two of them do the same one."""
    scene.wait()
    slow = scene.here.workers.pause_one(scene.chance)
    scene.look_for_jobs()
    time.sleep(VISIBLE_AFTER_S * 1.1)
    slow.go_on()


def kill_web_process(scene: Scene) -> None:
    """One of the two that answer; the parent starts another."""
    scene.wait()
    kill_one(scene.chance.choice(scene.here.web.children()))


def kill_web(scene: Scene) -> None:
    scene.wait()
    scene.here.web.kill_all()
    scene.here.web.start()


def kill_back_end(scene: Scene) -> None:
    """One of PostgreSQL's own processes; the server then ends all connections and repairs itself."""
    scene.wait()
    pids = [
        pid
        for (pid,) in core(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
    ]
    ours = sorted(set(pids) & set(scene.here.postgres.children()))
    scene.look_for_jobs()
    forget_connections()
    if ours:
        kill_one(scene.chance.choice(ours))
    scene.here.postgres.data.wait_until_ready()


def kill_postgres(scene: Scene) -> None:
    """The server's first process, or all of them at once."""
    scene.wait()
    scene.look_for_jobs()
    forget_connections()
    pids = scene.here.postgres.children()
    if scene.chance.random() < 0.5:
        scene.here.postgres.kill()
    else:
        scene.here.postgres.kill_all()
    until(lambda: all(map(is_gone, pids)), what="PostgreSQL is gone")
    scene.here.postgres.start()


def kill_redis(scene: Scene) -> None:
    scene.wait()
    scene.here.redis.kill()
    scene.wait()
    scene.here.redis.start()


def fail_store(scene: Scene) -> None:
    """At every n-th call of each process, from before the traffic to after it."""
    scene.here.store_orders.write_text(str(scene.chance.randrange(2, 6)))
    scene.wait()
    time.sleep(0.6)
    scene.here.store_orders.unlink()


def fill_disk(scene: Scene) -> None:
    """Not a byte is free where the readings are."""
    scene.wait()
    scene.here.disk.fill()
    scene.wait(0.8)
    scene.here.disk.empty()


def step_clock(scene: Scene) -> None:
    """All processes of the installation, the databases too: a little, either way, in the middle of the traffic."""
    scene.wait()
    scene.here.clock.set(scene.chance.uniform(-1.5, 1.5))
    scene.wait(0.6)
    scene.here.clock.set(0)


def leap_clock(scene: Scene) -> None:
    """By hours, forward, in the middle of the traffic; it is set right when nothing waits any more."""
    scene.wait()
    scene.here.clock.set(scene.chance.uniform(0.1, 12) * HOUR_S)


def nothing(scene: Scene) -> None:
    """What is wrong is wrong with the traffic, or was arranged before it."""


def crowd(scene: Scene) -> None:
    """Ten uploads of one streamer at once and two workers, one of which is killed."""
    kill_worker(scene)


@contextmanager
def twice(here: Installation) -> Iterator[None]:
    """The queue repeats and shuffles every message."""
    core(_TWICE)
    try:
        yield
    finally:
        core(_ONCE)


@contextmanager
def as_ever(here: Installation) -> Iterator[None]:
    yield


@dataclass(frozen=True)
class Kind:
    """`share` is out of a hundred runs. `around` holds from before the traffic until all jobs are done."""

    name: str
    share: int
    strike: Callable[[Scene], None]
    around: Callable[[Installation], AbstractContextManager[None]] = as_ever
    needs: Callable[[Installation], str] = lambda here: ""
    """Why it cannot be done here; nothing when it can."""
    shows: str = ""
    """An answer that some of its uploads must have got, or it was no fault."""


def _small_disk(here: Installation) -> str:
    return "" if here.disk.is_there else "only root may mount the small disk that is to be filled"


def _clock(here: Installation) -> str:
    return "" if here.clock.can_step else "there is no C compiler for the clock that is to be set"


WRONG_SENDER_CLOCK: Final = "sender's clock steps"
CROWD: Final = "ten uploads at once"

KINDS: Final = (
    Kind("worker killed", 20, kill_worker),
    Kind("worker stands still", 4, stall_worker),
    Kind("web process killed", 10, kill_web_process),
    Kind("web killed whole", 4, kill_web, shows="ConnectionRefusedError"),
    Kind("PostgreSQL back end killed", 11, kill_back_end),
    Kind("PostgreSQL killed", 8, kill_postgres, shows="503"),
    Kind("Redis killed", 10, kill_redis),
    Kind("messages twice, shuffled", 8, nothing, twice),
    Kind("object store fails", 7, fail_store, shows="503"),
    Kind("disk full", 5, fill_disk, needs=_small_disk),
    Kind("server's clock steps", 3, step_clock, needs=_clock),
    Kind("server's clock leaps", 2, leap_clock, needs=_clock),
    Kind(WRONG_SENDER_CLOCK, 3, nothing),
    Kind(CROWD, 5, crowd),
)
