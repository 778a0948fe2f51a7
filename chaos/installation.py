"""A whole installation in a folder of its own: databases, Redis, web and workers, as `./inv up` starts them."""

import http.client
import os
import signal
import subprocess
import time
from pathlib import Path

from chaos.clock import Clock
from chaos.crew import Crew
from chaos.parts import LOOK_EVERY_S, Part
from chaos.small_disk import SmallDisk
from stack import ports
from stack.home import ROOT, Home
from stack.servers.postgres import Postgres
from stack.servers.redis import Redis
from stack.services import manage_command, product_programs
from stack.settings import STREAM_DATABASE, build_environment, make_secrets

START_S = 60.0


class Installation:
    """Started by `running`. `environment` is what its processes read."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(ROOT, folder)
        self.home.make_folders()
        self.clock = Clock(folder)
        self.disk = SmallDisk(folder)
        chosen, secrets = ports.fresh_ports(), make_secrets()
        self.web_port = chosen["web"]
        self.environment = build_environment(self.home, chosen, secrets)
        self.environment["DJANGO_SETTINGS_MODULE"] = "chaos.settings"
        self.environment["PYTHONWARNINGS"] = "ignore"
        # Killed processes leave what they wrote to the system, which lives on: waiting for the disk would prove nothing here.
        self._postgres = Postgres(folder / "postgres", chosen["postgres"], secrets, durable=False)
        self._redis = Redis(folder / "redis", chosen["redis"], secrets.redis, durable=False)
        self.postgres, self.redis, self.web = self._database(), self._cache(), self._web()
        self.crew = Crew(self._full(), self.home.log_of("worker"))

    @property
    def store_orders(self) -> Path:
        """While it is there, the object store fails at every n-th call; it holds the n."""
        return self.home.var / "store-fails-every"

    def start_postgres(self) -> None:
        self._postgres.prepare()
        self.postgres.start()
        self._postgres.wait_until_ready()

    def wait_for_postgres(self) -> None:
        self._postgres.wait_until_ready()

    def start_redis(self) -> None:
        self._redis.prepare()
        self.redis.start()
        self._redis.wait_until_ready()

    def start_web(self) -> None:
        self.web.start()
        deadline = time.monotonic() + START_S
        while not self._web_answers():
            if time.monotonic() > deadline:
                raise RuntimeError(f"the web process does not answer: {self.home.log_of('web')}")
            time.sleep(LOOK_EVERY_S)

    def prepare(self) -> None:
        """The databases and what must be in them; those of stream data on the small disk, where there is one."""
        self.start_postgres()
        self._postgres.make_databases()
        if self.disk.is_there:
            self._move_stream_data()
        self.start_redis()
        done = subprocess.run(
            manage_command("prepare"), cwd=ROOT, env=self._full(), capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"the databases could not be prepared: {done.stderr[-2000:]}")

    def stop(self) -> None:
        self.crew.stop()
        self.web.stop(signal.SIGTERM)
        self.redis.stop(signal.SIGTERM)
        self.postgres.stop(signal.SIGINT)
        self._postgres.stop_left_over()
        self.disk.unmount()

    def _move_stream_data(self) -> None:
        self._postgres.run_as_admin(f"CREATE TABLESPACE small LOCATION '{self.disk.data}'")
        self._postgres.run_as_admin(f"ALTER DATABASE {STREAM_DATABASE} SET TABLESPACE small")

    def _web_answers(self) -> bool:
        connection = http.client.HTTPConnection(ports.HOST, self.web_port, timeout=10)
        try:
            connection.request("GET", "/api/v1/streamer/")
            return connection.getresponse().status > 0
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _full(self) -> dict[str, str]:
        return {**os.environ, **self._own()}

    def _own(self) -> dict[str, str]:
        return {**self.environment, **self.clock.environment}

    def _database(self) -> Part:
        service = self._postgres.service()
        env = {**service.env, **self.clock.environment}
        return Part("postgres", service.argv, cwd=service.cwd, env=env, log=self.home.log_of("postgres"))

    def _cache(self) -> Part:
        service = self._redis.service()
        return Part("redis", service.argv, cwd=service.cwd, env={}, log=self.home.log_of("redis"))

    def _web(self) -> Part:
        programs = product_programs(self.home, self._own(), demo=False)
        [web] = [service for service in programs.services if service.name == "web"]
        return self._part("web", web.argv)

    def _part(self, name: str, argv: tuple[str, ...]) -> Part:
        return Part(name, argv, cwd=ROOT, env=self._own(), log=self.home.log_of(name))
