"""The embedded PostgreSQL, reached by TCP on 127.0.0.1 with a password.

It has no Unix socket, whose path may have 107 bytes at most: the checkout may lie deeper.
"""

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import psycopg2.extensions

from stack import privileges, processes
from stack.errors import StackError
from stack.ports import HOST
from stack.servers import binaries, postgres_place, postgres_roles
from stack.servers.waiting import NotReady, wait_for
from stack.services import Service
from stack.settings import Secrets

START_SECONDS = 60.0  # recovery after a crash can take long
REFUSED = "password authentication failed"

# Small on purpose: the whole stack has to fit beside an editor and a browser.
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "max_wal_size": "512MB",
    "wal_compression": "on",
    "jit": "off",
    "fsync": "on",
    "autovacuum": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # The log says what failed, and no values: statements and details of errors have secrets and
    # people's data in them.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
# For throw-away data: a crash of the machine may ruin it, a crash of the server does not.
THROW_AWAY = {"fsync": "off", "full_page_writes": "off", "autovacuum_naptime": "10min"}


@dataclass(frozen=True)
class Postgres:
    data: Path
    port: int
    secrets: Secrets
    durable: bool = True

    def prepare(self) -> None:
        """Make the data folder if there is none, and remove what a crash left. Raises
        StackError."""
        privileges.check(binaries.postgres_program("postgres"), self.data.parent)
        for interrupted in self.data.parent.glob(f".{self.data.name}-*"):
            shutil.rmtree(interrupted) if interrupted.is_dir() else interrupted.unlink()
        postgres_place.check_link(self.data)
        self._make_or_move()
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != str(binaries.POSTGRES_MAJOR):
            raise StackError(
                f"{self.data} was made by PostgreSQL {version}, this is {binaries.POSTGRES_MAJOR}: "
                "dump it with the old version (docs/operations/embedded.md, part 5)"
            )
        privileges.give_to_database_user(self.data.resolve())
        self.remove_leftovers()

    def remove_leftovers(self) -> None:
        """Stop what is left of an earlier server, and remove its lock file."""
        self.stop_leftover_servers()
        # No server uses the data now. The process id in this file may belong to another program by
        # now, and PostgreSQL would refuse to start.
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def stop_leftover_servers(self) -> None:
        """Stop servers of these data that an earlier run left; after `kill -9` also their helpers,
        which end by themselves."""
        processes.stop(processes.servers_in(self.data.resolve(), "postgres"), signal.SIGINT, seconds=5.0)

    def service(self) -> Service:
        settings = SETTINGS if self.durable else SETTINGS | THROW_AWAY
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Service(
            name="postgres",
            argv=(
                *privileges.database_prefix(),
                str(postgres_place.postgres_program("postgres")),
                "-D",
                str(self.data.resolve()),
                "-p",
                str(self.port),
                *options,
            ),
            cwd=self.data,
            env={"LC_ALL": "C"},
            before_restart=self.remove_leftovers,
            stop_signal=signal.SIGINT,  # SIGTERM would wait for the last client
            holds_data=True,
        )

    def wait_until_ready(self, cancelled: Callable[[], bool] = lambda: False) -> None:
        """Wait for the first answer. Raises StackError; `cancelled` ends the waiting early."""
        wait_for("PostgreSQL", self._answer, START_SECONDS, cancelled)

    def make_databases(self) -> None:
        postgres_roles.make_databases(self._connect, self.secrets)

    def allow_tests(self) -> None:
        """Allow the programs' role to make databases."""
        postgres_roles.allow_tests(self._connect, self.secrets)

    def run_as_admin(self, statement: str) -> None:
        """Run a statement as the superuser, outside a transaction."""
        with closing(
            self._connect(postgres_roles.ADMIN, self.secrets.postgres_admin, "postgres")
        ) as connection:
            connection.set_session(autocommit=True)
            with connection.cursor() as cursor:
                cursor.execute(statement)

    def _answer(self) -> None:
        try:
            self._connect(postgres_roles.ADMIN, self.secrets.postgres_admin, "postgres").close()
        except psycopg2.OperationalError as error:
            if REFUSED in str(error):
                raise StackError(
                    f"{self.data} was made with another password: restore the secrets.json it was made with"
                ) from error
            raise NotReady(str(error).strip()) from error

    def _connect(self, role: str, password: str, database: str) -> psycopg2.extensions.connection:
        return psycopg2.connect(
            host=HOST, port=self.port, user=role, password=password, dbname=database, connect_timeout=5
        )

    def _make_or_move(self) -> None:
        if not self.data.exists():
            if postgres_place.needs_place(self.data):
                made = postgres_place.make_place(self.data) / self.data.name
                _make_cluster(made, self.secrets.postgres_admin, sync=self.durable)
                postgres_place.link_place(self.data, made, throw_away=not self.durable)
            else:
                _make_cluster(self.data, self.secrets.postgres_admin, sync=self.durable)
        elif postgres_place.needs_place(self.data):
            self.stop_leftover_servers()
            postgres_place.move_to_place(self.data)


def _make_cluster(data: Path, password: str, *, sync: bool) -> None:
    """Run initdb under another name and rename the folder, so that an interrupted start leaves no
    half-made one."""
    with tempfile.TemporaryDirectory(dir=data.parent, prefix=f".{data.name}-") as scratch:
        Path(scratch).chmod(0o711)
        password_file, new = Path(scratch) / "password", Path(scratch) / "data"
        password_file.write_text(password)
        password_file.chmod(0o600)
        new.mkdir(mode=0o700)
        privileges.give_to_database_user(new)
        privileges.give_to_database_user(password_file)
        _run_initdb(new, password_file, sync)
        new.rename(data)


def _run_initdb(data: Path, password_file: Path, sync: bool) -> None:
    options = ["--auth=scram-sha-256", f"--pwfile={password_file}", "--encoding=UTF8", "--locale=C"]
    # Sorts and changes case by Unicode's rules alike on every machine, whatever locales are
    # installed.
    options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
    if not sync:
        options.append("--no-sync")
    program = str(postgres_place.postgres_program("initdb"))
    done = subprocess.run(
        [*privileges.database_prefix(), program, "-D", str(data), "-U", postgres_roles.ADMIN, *options],
        cwd=data,
        capture_output=True,
        text=True,
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
        check=False,
    )
    if done.returncode != 0:
        raise StackError(f"initdb failed: {(done.stderr or done.stdout).strip()[-600:]}")
