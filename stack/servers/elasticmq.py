"""ElasticMQ, a server with the SQS API, on Java: for the tests, and for `./inv up --queue sqs`.

When durable, it stores messages in files (H2), so accepted ones survive it. It has no passwords and
listens on 127.0.0.1 only.
"""

import json
import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stack import processes
from stack.errors import StackError
from stack.home import ROOT, Home, write_private
from stack.ports import HOST
from stack.servers import jars
from stack.servers.waiting import check_listening, wait_for
from stack.services import Service

BUILD = ROOT / "stack" / "java" / "elasticmq"
JARS_VARIABLE = "FIELDLINE_ELASTICMQ"
"""The folder of the jars. `./inv test` sets it; without it the tests that need ElasticMQ are
skipped."""

START_SECONDS = 60.0
# It serves a few hundred messages a second: a small heap, one collector thread, and no optimising
# compiler.
THRIFT = ("-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")


def fetch_jars(home: Home) -> Path:
    """Fetch the jars, once for each `var`. Raises StackError with what is missing."""
    (home.var / "java").mkdir(parents=True, exist_ok=True)
    return jars.fetch_pinned(BUILD, home.var / "java" / "elasticmq")


@dataclass(frozen=True)
class ElasticMq:
    """`data` is the folder of its messages, `jars` that of its program."""

    data: Path
    port: int
    jars: Path
    durable: bool = True

    def prepare(self) -> None:
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        processes.stop(processes.servers_in(self.data, "java"), signal.SIGTERM, seconds=5.0)
        settings = {
            "rest-sqs": {"bind-hostname": HOST, "bind-port": self.port},
            "node-address": {"host": HOST, "port": self.port},
            "rest-stats": {"enabled": False},
            "queues-storage": {"enabled": False},
            "messages-storage": {
                "enabled": self.durable,
                "driver-class": "org.h2.Driver",
                # Otherwise H2 writes half a second after the answer.
                "uri": f"jdbc:h2:{self.data / 'messages'};WRITE_DELAY=0",
                "username": "",
                "password": "",
                "prune-data-on-init": False,
            },
            # It warns of boto3's headers; and a long poll of 20 seconds must fit.
            "pekko": {
                "loglevel": "WARNING",
                "http": {
                    "server": {"request-timeout": "25 s", "parsing": {"illegal-header-warnings": False}}
                },
            },
        }
        write_private(self._configuration, json.dumps(settings, indent=2) + "\n")  # its format includes JSON

    def service(self) -> Service:
        return Service(
            name="elasticmq",
            argv=(
                *("java", *THRIFT, f"-Dconfig.file={self._configuration}"),
                *("-cp", f"{self.jars}{os.sep}*", "org.elasticmq.server.Main"),
            ),
            cwd=self.data,
            holds_data=True,
        )

    def wait_until_ready(self, cancelled: Callable[[], bool] = lambda: False) -> None:
        wait_for("ElasticMQ", lambda: check_listening(self.port), START_SECONDS, cancelled)

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def _configuration(self) -> Path:
        return self.data / "elasticmq.conf"


def start(folder: Path, port: int, *, durable: bool = True) -> "subprocess.Popen[bytes]":
    """Start one for tests and return when it answers. When `durable`, the same folder again has the
    same messages.

    FIELDLINE_ELASTICMQ names the folder of the jars; the log is `elasticmq.log` in `folder`. The
    caller stops it.
    """
    server = ElasticMq(folder.absolute(), port, Path(os.environ[JARS_VARIABLE]), durable)
    server.prepare()
    service = server.service()
    with (server.data / "elasticmq.log").open("ab", buffering=0) as log:
        process = subprocess.Popen(
            service.argv,
            cwd=service.cwd,
            env=service.full_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        server.wait_until_ready(lambda: process.poll() is not None)
    except StackError:
        process.kill()
        process.wait()
        raise
    return process
