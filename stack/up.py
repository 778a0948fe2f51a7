"""`./inv up` and `./inv down`."""

import http.client
import os
import signal
import socket
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from stack import lock, ports, processes
from stack.errors import StackError
from stack.home import Home
from stack.processes import stop_leftover_processes
from stack.servers.elasticmq import fetch_jars
from stack.servers.stores import Stores, build_stores
from stack.services import Programs, Service, SetupCommand, product_programs
from stack.settings import (
    QUEUES,
    build_environment,
    environment_file,
    load_or_make_secrets,
    write_environment,
)
from stack.supervisor import Supervisor
from stack.terminal import Steps, describe_failure, last_lines, mark_start

FIRST_PAGE_SECONDS = 30.0
DOWN_SECONDS = 10.0
CAUSE_LINES = 6
POLL_SECONDS = 0.05
LOG_LINES = 12

ProgramsBuilder = Callable[[Home, Mapping[str, str], bool], Programs]


@dataclass(frozen=True)
class Plan:
    """What one start runs, and where."""

    home: Home
    web_port: int
    stores: Stores
    programs: Programs

    @property
    def address(self) -> str:
        """By host name, since passkeys do not work on an IP address; by address where `localhost`
        has no entry."""
        try:
            socket.getaddrinfo("localhost", self.web_port)
        except OSError:
            return f"http://{ports.HOST}:{self.web_port}"
        return f"http://localhost:{self.web_port}"


@dataclass(frozen=True)
class Options:
    """The options of a start."""

    demo: bool = False  # devices that upload
    port: int | None = None  # of the pages; None: the usual one
    queue: str = "postgres"


def up(
    home: Home, options: Options | None = None, *, build_programs: ProgramsBuilder = product_programs
) -> int:
    """Start everything and stay until Ctrl-C, `down`, or the end of a service. Returns the exit
    code."""
    steps = Steps()
    try:
        home.make_folders()
        with lock.hold_lock(home), closing(ports.Reservation()) as reservation:
            steps.print_line("Starting Fieldline")
            return _run(_plan(home, steps, options or Options(), build_programs, reservation), steps)
    except lock.AlreadyRunning as error:
        steps.print_line(error.cause)
    except StackError as error:
        steps.print_line(describe_failure(error))
    except KeyboardInterrupt:
        steps.print_line("Stopped before the start was complete.")
    return 1


def down(home: Home) -> int:
    """Stop a running stack, or what a killed one left behind."""
    holder = lock.current_holder(home)
    record = processes.record_of("supervisor", holder.pid) if holder else None
    if record:
        processes.send_signal(record, signal.SIGTERM)
        late = processes.wait_until_gone([record], DOWN_SECONDS)
        processes.stop(late, signal.SIGKILL, seconds=1.0)
    left_over = stop_leftover_processes(home)
    print("Stopped." if record or left_over else "Fieldline is not running.")
    return 0


def _plan(
    home: Home,
    steps: Steps,
    options: Options,
    build_programs: ProgramsBuilder,
    reservation: ports.Reservation,
) -> Plan:
    jars = _jars(home, steps, options.queue)
    if stop_leftover_processes(home):
        steps.print_line("  Stopped what an earlier, killed run had left running.")
    with steps.step("Choosing ports"):
        remembered = ports.remembered_ports(home.var / "ports.json")
        chosen = ports.choose_ports(reservation, remembered, options.port)
    preferred = remembered.get("web", ports.DEFAULTS["web"])
    if options.port is None and chosen["web"] != preferred:
        steps.print_line(
            f"    Port {preferred} is taken by {ports.holder_of(preferred)}; using {chosen['web']}."
        )
    ports.remember_ports(home.var / "ports.json", chosen)
    secrets = load_or_make_secrets(home.var / "secrets.json")
    values = build_environment(home, chosen, secrets, queue=options.queue)
    write_environment(environment_file(home), values)
    stores = build_stores(home, chosen, secrets, jars=jars)
    return Plan(home, chosen["web"], stores, build_programs(home, values, options.demo))


def _jars(home: Home, steps: Steps, queue: str) -> Path | None:
    """Returns the folder of ElasticMQ's jars; None for another queue."""
    if queue not in QUEUES:
        raise StackError(f"no queue {queue!r}; there are {', '.join(QUEUES)}")
    if queue != "sqs":
        return None
    with steps.step("Fetching ElasticMQ"):
        return fetch_jars(home)


def _run(plan: Plan, steps: Steps) -> int:
    lock.publish_address(plan.home, plan.address)
    with steps.step(f"Preparing {_names(plan.stores)}"):
        plan.stores.prepare()
    services = [*plan.stores.services(), *plan.programs.services]
    supervisor = Supervisor(plan.home, services, lambda running: _set_up(plan, running, steps), steps)
    supervisor.run()
    return _print_end(plan.home, supervisor, steps)


def _names(stores: Stores) -> str:
    return "PostgreSQL, Redis, NATS and ElasticMQ" if stores.elasticmq else "PostgreSQL, Redis and NATS"


def _set_up(plan: Plan, supervisor: Supervisor, steps: Steps) -> None:
    """Everything between the start of the databases and the first page."""
    with steps.step(f"Starting {_names(plan.stores)}"):
        plan.stores.wait_until_ready(cancelled=supervisor.stopping.is_set)
    for command in plan.programs.setup:
        with steps.step(command.title):
            run_setup(command, plan.programs.services[0], supervisor, steps, plan.home.log_of(command.name))
        if supervisor.stopping.is_set():
            return
    supervisor.start_programs()
    with steps.step("Starting " + ", ".join(each.name for each in plan.programs.services)):
        _wait_for_page(plan, supervisor)
    public = os.environ.get("PUBLIC_URL")
    steps.print_line(f"\nCtrl-C stops everything. Logs: {plan.home.log}\n")
    steps.print_line(
        f"Fieldline runs at {plan.address}" + (f", and behind the proxy at {public}" if public else "")
    )
    _show_sign_in(plan.home, steps)


def _show_sign_in(home: Home, steps: Steps) -> None:
    """Show the first sign-in, once. An earlier start may have made the account and ended before
    this."""
    if home.sign_in.exists():
        steps.print_line(home.sign_in.read_text())
        home.sign_in.unlink()


def _wait_for_page(plan: Plan, supervisor: Supervisor) -> None:
    deadline = time.monotonic() + FIRST_PAGE_SECONDS
    while not _answers(plan.web_port):
        if supervisor.stopping.is_set() or time.monotonic() > deadline:
            raise StackError("the first page did not answer", plan.home.log_of("web"))
        time.sleep(POLL_SECONDS)


def _answers(port: int) -> bool:
    """Whether the page answers, with any status: a page that fails shows why itself."""
    connection = http.client.HTTPConnection(ports.HOST, port, timeout=FIRST_PAGE_SECONDS)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status > 0
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _print_end(home: Home, supervisor: Supervisor, steps: Steps) -> int:
    """Print why everything stopped: a service that ended explains more than the step that waited
    for it."""
    if end := supervisor.fatal_end:
        log = home.log_of(end.name)
        cause = f"{end}, so everything was stopped.\n{last_lines(log, LOG_LINES)}"
        steps.print_line(describe_failure(StackError(cause, log)))
        return 1
    if supervisor.failure:
        steps.print_line(describe_failure(supervisor.failure))
        return 1
    steps.print_line(f"Stopped. The data are in {home.var}.")
    return 0


def run_setup(
    command: SetupCommand, service: Service, supervisor: Supervisor, steps: Steps, log: Path
) -> None:
    """Run a command in the environment of `service`; its stdout goes to the terminal, stderr to
    `log`. Raises StackError.

    stdout is not stored: it may hold the first sign-in.
    """
    with log.open("ab", buffering=0) as errors, _start(command, service, errors.fileno()) as child:
        mark_start(errors)
        supervisor.watch(command.name, child.pid)
        shown: deque[str] = deque(maxlen=CAUSE_LINES)
        for line in child.stdout or ():
            shown.append(line.rstrip())
            steps.print_line(f"    {line.rstrip()}")
        code = child.wait()
    if code != 0 and not supervisor.stopping.is_set():
        cause = last_lines(log, CAUSE_LINES) or "\n".join(shown)
        raise StackError(f"{command.name} ended with exit code {code}\n{cause}", log)


def _start(command: SetupCommand, service: Service, errors: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command.argv,
        cwd=service.cwd,
        env=service.full_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        start_new_session=True,  # Ctrl-C is for the supervisor, which stops it in order
    )
