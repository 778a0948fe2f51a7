"""A complete installation in a folder of its own: databases, Redis, web and workers, as `./inv up`
starts and keeps them."""

import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from chaos.clock import Clock
from chaos.harness.web import web_answers
from chaos.small_disk import SmallDisk
from chaos.supervised import SupervisedService
from chaos.workers import Workers
from stack import ports
from stack.errors import StackError
from stack.home import ROOT, Home
from stack.servers.stores import Store, build_stores
from stack.services import Service, manage_command, product_programs
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
        stores = build_stores(self.home, chosen, secrets, durable=False)
        self.database = stores.postgres
        self.postgres = self._store(stores.postgres, self.clock.environment)
        self.redis = self._store(stores.redis, {})
        programs = {each.name: each for each in product_programs(self.home, self._own(), demo=False).services}
        self.web_port = chosen["web"]
        self.web = self._kept(programs["web"], lambda: web_answers(self.web_port))
        self.workers = Workers(programs["worker"], self.home.log_of("worker"))

    @property
    def store_failure_file(self) -> Path:
        """While this file exists, every n-th call of the object store fails; its content is n."""
        return self.home.var / "store-fails-every"

    def prepare(self) -> None:
        """Make and migrate the databases; stream data goes to the small disk where there is one."""
        self.postgres.start()
        self.database.make_databases()
        if self.disk.is_mounted:
            self._move_stream_data()
        self.redis.start()
        done = subprocess.run(
            manage_command("prepare"), cwd=ROOT, env=self._full(), capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"the databases could not be prepared: {done.stderr[-2000:]}")

    def renew(self) -> None:
        """Between two runs: no keeper may be about to give up."""
        for service in (self.postgres, self.redis, self.web, self.workers.parent):
            service.renew()

    def stop(self) -> None:
        self.workers.stop()
        self.web.stop()
        self.redis.stop()
        self.postgres.stop()
        self.database.stop_leftover_servers()
        self.disk.unmount()

    def _move_stream_data(self) -> None:
        self.database.run_as_admin(f"CREATE TABLESPACE small LOCATION '{self.disk.data}'")
        self.database.run_as_admin(f"ALTER DATABASE {STREAM_DATABASE} SET TABLESPACE small")

    def _store(self, store: Store, env: Mapping[str, str]) -> SupervisedService:
        store.prepare()  # before `service`, which names the folder that this chooses
        service = store.service()
        return self._kept(replace(service, env={**service.env, **env}), lambda: _is_ready(store))

    def _kept(self, service: Service, is_ready: Callable[[], bool]) -> SupervisedService:
        return SupervisedService(service, self.home.log_of(service.name), is_ready)

    def _full(self) -> dict[str, str]:
        return {**os.environ, **self._own()}

    def _own(self) -> dict[str, str]:
        return {**self.environment, **self.clock.environment}


def _is_ready(store: Store) -> bool:
    try:
        store.wait_until_ready()
    except StackError:
        return False
    return True
