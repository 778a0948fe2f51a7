"""The embedded NATS server: JetStream for storage, and the MQTT listener that devices speak to."""

import json
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stack import processes
from stack.home import write_private
from stack.ports import HOST
from stack.servers import binaries
from stack.servers.waiting import check_listening, wait_for
from stack.services import Service
from stack.settings import USER

START_SECONDS = 30.0
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Nats:
    data: Path
    port: int
    mqtt_port: int
    password: str

    def prepare(self) -> None:
        self.data.mkdir(mode=0o700, exist_ok=True)
        processes.stop(processes.servers_in(self.data, "nats-server"), signal.SIGTERM, seconds=5.0)
        settings = {
            "server_name": "fieldline",  # MQTT sessions are kept under this name
            "listen": f"{HOST}:{self.port}",
            "authorization": {"user": USER, "password": self.password},
            "jetstream": {
                "store_dir": str(self.data / "jetstream"),
                "max_memory_store": 32 * MEBIBYTE,
                "max_file_store": 1024 * MEBIBYTE,
            },
            "mqtt": {"listen": f"{HOST}:{self.mqtt_port}"},
        }
        write_private(self._configuration, json.dumps(settings, indent=2) + "\n")  # its format includes JSON

    def service(self) -> Service:
        return Service(
            name="nats",
            argv=(str(binaries.nats_program()), "--config", str(self._configuration)),
            cwd=self.data,
            env={"GOMEMLIMIT": "64MiB"},
            holds_data=True,
        )

    def wait_until_ready(self, cancelled: Callable[[], bool] = lambda: False) -> None:
        """Its MQTT listener opens last."""
        wait_for("nats-server", lambda: check_listening(self.mqtt_port), START_SECONDS, cancelled)

    @property
    def _configuration(self) -> Path:
        return self.data / "nats.conf"
