"""A complete installation in a folder of its own: databases, Redis, web and workers, as `./inv up`
starts them."""

import os
import subprocess
from pathlib import Path

from chaos.clock import Clock
from chaos.harness.servers import PostgresServer, RedisServer
from chaos.harness.web import WebServer
from chaos.small_disk import SmallDisk
from chaos.workers import Workers
from stack import ports
from stack.home import ROOT, Home
from stack.services import manage_command
from stack.settings import STREAM_DATABASE, build_environment, make_secrets


class Installation:
    """`environment` is what its processes read."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(ROOT, folder)
        self.home.make_folders()
        self.clock = Clock(folder)
        self.disk = SmallDisk(folder)
        chosen, secrets = ports.fresh_ports(), make_secrets()
        self.environment = build_environment(self.home, chosen, secrets)
        self.environment["DJANGO_SETTINGS_MODULE"] = "chaos.settings"
        self.environment["PYTHONWARNINGS"] = "ignore"
        # What a killed process has written is in the system's cache, which survives: waiting for
        # the disk would prove nothing.
        self.postgres = PostgresServer(
            *(folder / "postgres", chosen["postgres"], secrets),
            log=self.home.log_of("postgres"),
            env=self.clock.environment,
        )
        self.redis = RedisServer(
            folder / "redis", chosen["redis"], secrets.redis, log=self.home.log_of("redis")
        )
        self.web = WebServer(self.home, self._own(), port=chosen["web"], log=self.home.log_of("web"))
        self.workers = Workers(self._full(), self.home.log_of("worker"))

    @property
    def store_failure_file(self) -> Path:
        """While this file exists, every n-th call of the object store fails; its content is n."""
        return self.home.var / "store-fails-every"

    def prepare(self) -> None:
        """Make and migrate the databases; stream data goes to the small disk where there is one."""
        self.postgres.start()
        self.postgres.data.make_databases()
        if self.disk.is_mounted:
            self._move_stream_data()
        self.redis.start()
        done = subprocess.run(
            manage_command("prepare"), cwd=ROOT, env=self._full(), capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"the databases could not be prepared: {done.stderr[-2000:]}")

    def stop(self) -> None:
        self.workers.stop()
        self.web.stop()
        self.redis.stop()
        self.postgres.stop()
        self.postgres.data.stop_leftover_servers()
        self.disk.unmount()

    def _move_stream_data(self) -> None:
        self.postgres.data.run_as_admin(f"CREATE TABLESPACE small LOCATION '{self.disk.data}'")
        self.postgres.data.run_as_admin(f"ALTER DATABASE {STREAM_DATABASE} SET TABLESPACE small")

    def _full(self) -> dict[str, str]:
        return {**os.environ, **self._own()}

    def _own(self) -> dict[str, str]:
        return {**self.environment, **self.clock.environment}
