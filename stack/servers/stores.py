"""The servers that keep data (PostgreSQL, Redis, NATS, optionally ElasticMQ) of one `var`
folder."""

import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from stack import processes
from stack.errors import StackError
from stack.home import Home
from stack.processes import Record
from stack.servers.elasticmq import ElasticMq
from stack.servers.nats import Nats
from stack.servers.postgres import Postgres
from stack.servers.redis import Redis
from stack.services import Service
from stack.settings import Secrets
from stack.terminal import last_lines, mark_start

STOP_SECONDS = 5.0
LOG_LINES = 6


class Store(Protocol):
    """A server that keeps data."""

    def prepare(self) -> None: ...

    def service(self) -> Service: ...

    def wait_until_ready(self, cancelled: Callable[[], bool] = ...) -> None: ...


@dataclass(frozen=True)
class Stores:
    postgres: Postgres
    redis: Redis
    nats: Nats
    elasticmq: ElasticMq | None = None

    @property
    def all(self) -> list[Store]:
        """The servers in the order of their start."""
        always: list[Store] = [self.postgres, self.redis, self.nats]
        return [*always, self.elasticmq] if self.elasticmq else always

    def prepare(self) -> None:
        for each in self.all:
            each.prepare()

    def services(self) -> list[Service]:
        return [each.service() for each in self.all]

    def wait_until_ready(self, cancelled: Callable[[], bool]) -> None:
        for each in self.all:
            each.wait_until_ready(cancelled)
        self.postgres.make_databases()


def build_stores(
    home: Home,
    ports: Mapping[str, int],
    secrets: Secrets,
    *,
    durable: bool = True,
    jars: Path | None = None,
) -> Stores:
    """Returns the servers of `home`; with ElasticMQ when `jars` is its folder."""
    return Stores(
        postgres=Postgres(home.var / "postgres", ports["postgres"], secrets, durable),
        redis=Redis(home.var / "redis", ports["redis"], secrets.redis, durable),
        nats=Nats(home.var / "nats", ports["nats"], ports["mqtt"], secrets.nats),
        elasticmq=ElasticMq(home.var / "elasticmq", ports["sqs"], jars, durable) if jars else None,
    )


@contextmanager
def running_databases(home: Home, stores: Stores) -> Iterator[None]:
    """PostgreSQL and Redis for the block, without the programs. Raises StackError."""
    postgres, redis = stores.postgres, stores.redis
    postgres.prepare()
    redis.prepare()
    with ExitStack() as stack:
        # Closed in reverse: PostgreSQL last.
        children = [stack.enter_context(_running(home, each.service())) for each in (postgres, redis)]
        try:
            postgres.wait_until_ready(lambda: _any_ended(children))
            redis.wait_until_ready(lambda: _any_ended(children))
        except StackError as error:
            raise _with_log(home, error, children) from error
        postgres.make_databases()
        yield


@contextmanager
def _running(home: Home, service: Service) -> Iterator[subprocess.Popen[bytes]]:
    with home.log_of(service.name).open("ab", buffering=0) as log:
        mark_start(log)
        child = subprocess.Popen(
            service.argv,
            cwd=service.cwd,
            env=service.full_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C must not reach it: we stop it in order
        )
    record = processes.record_of(service.name, child.pid) or Record(service.name, child.pid, "")
    try:
        yield child
    finally:
        processes.stop([record], service.stop_signal, STOP_SECONDS)
        child.wait()


def _any_ended(children: Sequence[subprocess.Popen[bytes]]) -> bool:
    return any(child.poll() is not None for child in children)


def _with_log(home: Home, error: StackError, children: Sequence[subprocess.Popen[bytes]]) -> StackError:
    """Returns the end of the log of a database that ended, in place of `error`."""
    for name, child in zip(("postgres", "redis"), children, strict=True):
        if child.poll() is not None:
            log = home.log_of(name)
            return StackError(
                f"{name} ended with exit code {child.returncode}\n{last_lines(log, LOG_LINES)}", log
            )
    return error
