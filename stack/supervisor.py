"""honcho's manager, with an order: our programs start when the databases are ready and stop before them."""

import datetime
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType

from honcho.manager import Manager
from honcho.printer import Message

from stack import processes
from stack.errors import StackError
from stack.home import Home
from stack.printer import LogPrinter
from stack.processes import Record
from stack.service import Service
from stack.steps import Steps

# Together below the ten seconds that a stop may take.
PROGRAM_SECONDS = 5.0
DATABASE_SECONDS = 3.0
POLL_SECONDS = 0.05

Setup = Callable[["Supervisor"], None]


class Supervisor(Manager):  # type: ignore[misc]  # honcho ships no types
    """Runs the services until one ends or a signal comes.

    `setup` runs in a thread of its own once all services have a process; until it calls `release`, services that hold
    no data wait in their shell.
    """

    def __init__(self, home: Home, services: Sequence[Service], setup: Setup, terminal: Steps) -> None:
        shown = {each.name for each in services if not each.holds_data}
        super().__init__(LogPrinter(home, terminal, shown))
        self._terminal = terminal
        self.stopping = threading.Event()
        self.ended_first: list[tuple[str, int]] = []  # who ended without being asked, with exit codes
        self.failure: StackError | None = None  # why `setup` gave up
        self._services = services
        self._records_file = home.run / "processes.json"
        self._records: dict[str, Record] = {}
        self._recorded = threading.Event()
        self._stop_lock = threading.Lock()
        self._stopped = False
        self._setup = threading.Thread(target=self._set_up, args=(setup,), daemon=True)
        self._released = home.run / "ready"
        self._released.unlink(missing_ok=True)
        for each in services:
            line = each.shell_line(after=None if each.holds_data else self._released)
            self.add_process(each.name, line, env=each.full_environment(), cwd=str(each.cwd))

    def loop(self) -> None:
        signal.signal(signal.SIGHUP, _as_sigterm)
        try:
            super().loop()
        finally:
            self._stop_in_order()
            self._records_file.unlink(missing_ok=True)
            self._printer.close()

    def watch(self, name: str, pid: int) -> None:
        """A command that `setup` has started: stopped with the rest, known after a crash."""
        if record := processes.record_of(name, pid):
            self._records[name] = record
            processes.write_records(self._records_file, [*self._records.values(), *_relays()])

    def release(self) -> None:
        """The databases are ready: let the programs start."""
        self._released.touch()

    def terminate(self) -> None:
        """Called by honcho on a signal and when a service has ended; returns at once."""
        if self.stopping.is_set():
            return
        codes = {name: state.get("returncode") for name, state in self._processes.items()}
        self.ended_first = [(name, code) for name, code in codes.items() if code is not None]
        self.stopping.set()
        # A signal may have interrupted us anywhere, so nothing is printed or waited for here.
        threading.Thread(target=self._stop_in_order, daemon=True).start()

    def kill(self) -> None:
        """Nothing: honcho would kill all, databases too, five seconds after the first has ended."""

    def _start(self) -> None:
        # honcho forks here; a thread that ran before would be copied half-way.
        super()._start()
        self._setup.start()

    def _set_up(self, setup: Setup) -> None:
        complete = False
        try:
            self._record_all()
            if not self.stopping.is_set():
                setup(self)
            complete = True
        except StackError as error:
            if not self.stopping.is_set():  # else it is a consequence
                self.failure = error
        finally:
            if not complete:
                self.terminate()

    def _record_all(self) -> None:
        """Write down every process, for the next start after a crash."""
        while not self._all_started():
            time.sleep(POLL_SECONDS)
        for name, state in self._processes.items():
            if record := processes.record_of(name, state["pid"]):
                self._records[name] = record
        processes.write_records(self._records_file, [*self._records.values(), *_relays()])
        self._recorded.set()

    def _stop_in_order(self) -> None:
        with self._stop_lock:
            if self._stopped:
                return
            self._terminal.say("Stopping ...")
            self._recorded.wait(timeout=PROGRAM_SECONDS)
            stores = {each.name for each in self._services if each.holds_data}
            running = list(self._records)
            self._stop([name for name in running if name not in stores], PROGRAM_SECONDS)
            self._stop([name for name in running if name in stores], DATABASE_SECONDS)
            self._speak_for_lost_relays()
            self._stopped = True

    def _stop(self, names: Sequence[str], seconds: float) -> None:
        signals = {each.name: each.stop_signal for each in self._services}
        for name in names:
            processes.send(self._records[name], signals.get(name, signal.SIGTERM))
        for record in processes.wait_until_gone([self._records[name] for name in names], seconds):
            processes.kill_group(record)

    def _speak_for_lost_relays(self) -> None:
        """honcho waits for word from the process that relays a service's output; a killed one cannot give it."""
        for name, state in self._processes.items():
            if not state["process"].is_alive() and state.get("returncode") is None:
                code = {"returncode": -signal.SIGKILL}
                self.events.put(Message("stop", code, datetime.datetime.now(datetime.UTC), name, None))


def _relays() -> list[Record]:
    """The processes in which honcho reads what the services print."""
    found = [processes.record_of("relay", child.pid or 0) for child in multiprocessing.active_children()]
    return [each for each in found if each is not None]


def _as_sigterm(number: int, frame: FrameType | None) -> None:
    """The terminal was closed."""
    os.kill(os.getpid(), signal.SIGTERM)
